/** Durations, token counts and money as people read them. */
import type { MessageUsage } from '@/shared/api'

const THIN_SPACE = '\u202f'

/** "3 ms", "0.42 s", "12.3 s", "2:05 min". */
export function formatDuration(ms: number, locale: string): string {
  const seconds = Math.max(0, ms) / 1000
  if (seconds >= 60) return formatMinutes(seconds, locale)
  if (ms < 10) return `${String(Math.round(Math.max(0, ms)))}${THIN_SPACE}ms`
  const digits = seconds < 1 ? 2 : 1
  const number = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return `${number.format(seconds)}${THIN_SPACE}s`
}

function formatMinutes(seconds: number, locale: string): string {
  const whole = Math.round(seconds)
  const rest = new Intl.NumberFormat(locale, { minimumIntegerDigits: 2 }).format(whole % 60)
  return `${String(Math.floor(whole / 60))}:${rest}${THIN_SPACE}min`
}

/** Whole seconds, for a clock that counts while something runs. */
export function formatSeconds(ms: number, locale: string): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000)
  return seconds >= 60 ? formatMinutes(seconds, locale) : `${String(seconds)}${THIN_SPACE}s`
}

export function formatCount(count: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(count)
}

export function formatPercent(share: number, locale: string): string {
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }).format(share * 100)
  return `${number}${THIN_SPACE}%`
}

/** A share of something that is there: "< 1 %" rather than nothing. */
export function formatShare(share: number, locale: string): string {
  return share > 0 && share < 0.01 ? `< ${formatPercent(0.01, locale)}` : formatPercent(share, locale)
}

/** US dollars with as many digits as a fraction of a cent needs. An estimate is marked with "~". */
export function formatCost(cost: string | number, locale: string, options: { estimated?: boolean } = {}): string {
  const value = typeof cost === 'string' ? Number(cost) : cost
  const money = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: value === 0 ? 2 : costDigits(value),
    maximumFractionDigits: value === 0 ? 2 : costDigits(value),
  }).format(value)
  return options.estimated === true ? `~${money}` : money
}

function costDigits(value: number): number {
  if (value >= 1) return 2
  if (value >= 0.001) return 4
  return 6
}

export function isEstimated(usage: { confidence: MessageUsage['confidence'] | null }): boolean {
  return usage.confidence === 'estimated'
}

export function totalTokens(usage: Pick<MessageUsage, 'input_tokens' | 'output_tokens'>): number {
  return usage.input_tokens + usage.output_tokens
}

/** The part of a model id that people say: "gpt-5.2-mini" of "openai/gpt-5.2-mini". */
export function modelName(id: string): string {
  const slash = id.indexOf('/')
  return slash === -1 ? id : id.slice(slash + 1)
}
