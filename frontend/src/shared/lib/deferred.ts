/** Parts that are fetched when they are first wanted. Not React.lazy: its fallback would hold the reveal back for 300 ms. */
import { useEffect, useState } from 'react'

export interface Deferred<Parts> {
  load: () => Promise<Parts>
  /** Somebody comes near: fetch, and be silent about a failure, which the real wish will meet again. */
  prefetch: () => void
  /** What has been loaded so far. */
  get: () => Parts | null
}

export function defer<Parts>(fetchParts: () => Promise<Parts>): Deferred<Parts> {
  let parts: Parts | null = null
  let pending: Promise<Parts> | null = null
  const load = () => {
    pending ??= fetchParts().then(
      (loaded) => (parts = loaded),
      (error: unknown) => {
        // The network was away: the next wish tries again.
        pending = null
        throw error
      },
    )
    return pending
  }
  return { get: () => parts, load, prefetch: () => void load().catch(() => undefined) }
}

/** The parts once they are wanted and there; from then on they stay mounted. */
export function useDeferred<Parts>(deferred: Deferred<Parts>, isWanted: boolean): Parts | null {
  const [wasWanted, setWasWanted] = useState(isWanted)
  if (isWanted && !wasWanted) setWasWanted(true)
  const [, setLoaded] = useState(0)
  const isMissing = wasWanted && deferred.get() === null

  useEffect(() => {
    if (!isMissing) return
    let isGone = false
    deferred.load().then(
      () => !isGone && setLoaded((count) => count + 1),
      () => !isGone && setWasWanted(false),
    )
    return () => {
      isGone = true
    }
  }, [isMissing, deferred])

  return wasWanted ? deferred.get() : null
}
