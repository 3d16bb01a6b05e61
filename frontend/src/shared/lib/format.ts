/** Numbers, money and dates as the reader's language writes them. */
const THIN_SPACE = '\u2009'

const DAY_MS = 86_400_000

export function formatDate(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(iso))
}

/** As briefly as it is clear: the time of today, the day of this year, else the date. */
export function formatBriefly(iso: string, locale: string, now: Date): string {
  const moment = new Date(iso)
  if (moment.toDateString() === now.toDateString()) return new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(moment)
  if (moment.getFullYear() !== now.getFullYear()) return formatDate(iso, locale)
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }).format(moment)
}

export function formatDateTime(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso))
}

const STEPS: [limit: number, ms: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60_000, 1_000, 'second'],
  [3_600_000, 60_000, 'minute'],
  [DAY_MS, 3_600_000, 'hour'],
  [30 * DAY_MS, DAY_MS, 'day'],
]

/** "3 minutes ago" up to a month, then the date. */
export function formatAgo(iso: string, locale: string, now: number = Date.now()): string {
  const elapsed = now - new Date(iso).getTime()
  const passed = Math.abs(elapsed) < 60_000 ? 0 : elapsed
  const step = STEPS.find(([limit]) => Math.abs(passed) < limit)
  if (!step) return formatDate(iso, locale)
  const [, ms, unit] = step
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-Math.round(passed / ms), unit)
}

/** How long: "12 s", "3 min", "2 h". */
export function formatSpan(seconds: number, locale: string): string {
  const [value, unit] = seconds < 60 ? [seconds, 's'] : seconds < 3_600 ? [seconds / 60, 'min'] : [seconds / 3_600, 'h']
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }).format(Math.floor(value))}${THIN_SPACE}${unit}`
}

/** "340 KB", "12.5 MB": as files are told of. */
export function formatBytes(size: number, locale: string): string {
  const [value, unit] = size < 1_000_000 ? [Math.max(1, size / 1_000), 'KB'] : [size / 1_000_000, 'MB']
  const digits = value < 10 && unit === 'MB' ? 1 : 0
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value)}${THIN_SPACE}${unit}`
}

/** A price per million tokens from its decimal string: two digits, more only where the price is small. */
export function formatPrice(amount: string, locale: string): string {
  const value = Number(amount)
  const digits = value !== 0 && Math.abs(value) < 0.1 ? 3 : 2
  const parts = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' } as const
  return new Intl.NumberFormat(locale, { ...parts, minimumFractionDigits: 2, maximumFractionDigits: digits }).format(value)
}

/** 128000 as "128 K", 1000000 as "1 M". */
export function formatTokens(count: number, locale: string): string {
  const [value, unit] = count >= 1_000_000 ? [count / 1_000_000, 'M'] : [count / 1_000, 'K']
  if (count < 1_000) return new Intl.NumberFormat(locale).format(count)
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(value)}${THIN_SPACE}${unit}`
}
