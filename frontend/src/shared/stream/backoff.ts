/** How long to wait before the next attempt to connect. */

const BASE_MS = 400
const CAP_MS = 15_000
const RESTART_SPREAD_MS = 5_000
const CROWDED_FLOOR_MS = 10_000

export type RetryPace = 'backoff' | 'restart' | 'crowded' | 'now'

/** Exponential with equal jitter: half of the step is certain, half is chance, so a crowd spreads out. */
export function retryDelay(pace: RetryPace, attempt: number, random: () => number = Math.random): number {
  if (pace === 'now' && attempt === 0) return 0
  if (pace === 'restart' && attempt === 0) return random() * RESTART_SPREAD_MS
  const step = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, 10))
  const delay = step / 2 + random() * (step / 2)
  return pace === 'crowded' ? CROWDED_FLOOR_MS + delay : delay
}
