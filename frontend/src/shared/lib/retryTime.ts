/** When what the server refused for now may be tried again. */

/** Milliseconds since 1970, from the seconds that a refusal tells; null where it tells none. */
export function retryTime({ retry_after: seconds }: Readonly<Record<string, unknown>>, from: number = Date.now()): number | null {
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? from + Math.ceil(seconds) * 1_000 : null
}

/** Whole seconds left, never less than none. */
export function secondsLeft(until: number, now: number): number {
  return Math.max(0, Math.ceil((until - now) / 1_000))
}

const MINUTES_NEED_NO_SECONDS = 10 * 60_000
const DAY = 24 * 3_600_000

/** "14:05:32"; minutes where it is far, with the day where that is another one. */
export function formatRetryTime(until: number, locale: string, now: number = Date.now()): string {
  const left = until - now
  if (left >= DAY) return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(until)
  const second = left < MINUTES_NEED_NO_SECONDS ? ({ second: '2-digit' } as const) : {}
  return new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit', ...second }).format(until)
}
