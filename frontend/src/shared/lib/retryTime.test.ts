import { describe, expect, it } from 'vitest'

import { formatRetryTime, retryTime, secondsLeft } from './retryTime'

const NOON = new Date(2026, 10, 29, 12, 0, 0).getTime()

describe('the time of another try', () => {
  it('comes from the seconds of a refusal, and from nothing else', () => {
    expect(retryTime({ retry_after: 12 }, NOON)).toBe(NOON + 12_000)
    expect(retryTime({ retry_after: 0.2 }, NOON)).toBe(NOON + 1_000)
    for (const nothing of [undefined, null, 0, -3, Number.NaN, '12']) expect(retryTime({ retry_after: nothing }, NOON)).toBeNull()
  })

  it('is counted down in whole seconds and stops at none', () => {
    expect(secondsLeft(NOON + 11_001, NOON)).toBe(12)
    expect(secondsLeft(NOON, NOON)).toBe(0)
    expect(secondsLeft(NOON - 5_000, NOON)).toBe(0)
  })

  it('is as exact as it is near', () => {
    expect(formatRetryTime(NOON + 12_000, 'pt-BR', NOON)).toBe('12:00:12')
    expect(formatRetryTime(NOON + 20 * 60_000, 'pt-BR', NOON)).toBe('12:20')
    expect(formatRetryTime(NOON + 12_000, 'en', NOON)).toMatch(/12:00:12/)
    expect(formatRetryTime(NOON + 26 * 3_600_000, 'pt-BR', NOON)).toMatch(/30 de nov.* 14:00/)
  })
})
