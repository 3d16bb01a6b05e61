import { useEffect, useState } from 'react'

/** The time, as often as a counting clock needs it; it stands still while nothing counts. */
export function useNow(isCounting: boolean, everyMs = 250): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!isCounting) return
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [isCounting, everyMs])
  return now
}
