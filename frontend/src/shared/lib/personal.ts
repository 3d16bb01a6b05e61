/** What this browser keeps of a person: it goes when they sign out, and before somebody else sees anything. */
const OWNER = 'coda.person'
/** How this device is set, whoever uses it. All else under our prefix is somebody's: what is new is too. */
const OF_THE_DEVICE = /^coda\.(theme|locale|reloaded|region\..+|sessions\.open)$/

/** Whether somebody else has left something here, which is gone then. From now on what is kept is this person's. */
export function claimStorage(userId: string): boolean {
  // A tab that was asleep while its person signed out has its own storage still.
  const wasOthers = storages().map((storage) => claim(storage, userId))
  return wasOthers.includes(true)
}

export function forgetPersonal(): void {
  storages().forEach(clear)
}

function claim(storage: Storage, userId: string): boolean {
  const owner = storage.getItem(OWNER)
  const isOthers = owner !== null && owner !== userId
  if (isOthers) clear(storage)
  try {
    storage.setItem(OWNER, userId)
  } catch {
    // Full: then nothing new is kept either.
  }
  return isOthers
}

function clear(storage: Storage): void {
  const names = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '')
  for (const name of names) if (name.startsWith('coda.') && !OF_THE_DEVICE.test(name)) storage.removeItem(name)
}

/** Those that may be used. */
function storages(): Storage[] {
  return [() => localStorage, () => sessionStorage].flatMap((open) => {
    try {
      return [open()]
    } catch {
      return []
    }
  })
}
