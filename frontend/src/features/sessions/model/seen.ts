/** When this browser last showed each session; what changed since is unread. */
const KEY = 'coda.seen'
const MOST = 500

interface SeenRecord {
  /** Everything older than the first visit counts as seen. */
  since: string
  at: Record<string, string>
}

export class SeenSessions {
  private record: SeenRecord
  private readonly listeners = new Set<() => void>()
  private readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null

  constructor(storage: Pick<Storage, 'getItem' | 'setItem'> | null, now: Date = new Date()) {
    this.storage = storage
    this.record = parse(storage?.getItem(KEY) ?? null) ?? { since: now.toISOString(), at: {} }
    this.store()
  }

  get = (): SeenRecord => this.record

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  mark(id: string, changedAt: string): void {
    const known = this.record.at[id]
    if (known && Date.parse(known) >= Date.parse(changedAt)) return
    const { [id]: _old, ...others } = this.record.at
    const kept = Object.entries(others).slice(-(MOST - 1))
    this.record = { ...this.record, at: { ...Object.fromEntries(kept), [id]: changedAt } }
    this.store()
    for (const listener of this.listeners) listener()
  }

  /** Another tab wrote: take over what it knows. */
  reload(): void {
    this.record = parse(this.storage?.getItem(KEY) ?? null) ?? this.record
    for (const listener of this.listeners) listener()
  }

  private store(): void {
    try {
      this.storage?.setItem(KEY, JSON.stringify(this.record))
    } catch {
      // Full or forbidden: it is kept for this page only.
    }
  }
}

export function seenAt(record: SeenRecord, id: string): string {
  return record.at[id] ?? record.since
}

function parse(text: string | null): SeenRecord | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    if (typeof value !== 'object' || value === null || !('since' in value) || !('at' in value)) return null
    return value as SeenRecord
  } catch {
    return null
  }
}
