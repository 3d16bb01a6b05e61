import { useEffect, useState } from 'react'

import { secondsLeft } from '@/shared/lib/retryTime'

/** Counts the seconds down to a time; 0 where it has come, or where there is none. */
export function useSecondsLeft(until: number | null): number {
  const [clock, setClock] = useState(() => ({ until, now: Date.now() }))
  if (clock.until !== until) setClock({ until, now: Date.now() })
  const left = until === null ? 0 : secondsLeft(until, clock.now)
  const isCounting = left > 0
  useEffect(() => {
    if (!isCounting) return
    const timer = setInterval(() => setClock({ until, now: Date.now() }), 500)
    return () => clearInterval(timer)
  }, [isCounting, until])
  return left
}
