import { describe, expect, it } from 'vitest'
import { retryDelay } from './backoff'

describe('retryDelay', () => {
  it('grows, and stays between half and the whole of its step', () => {
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const step = Math.min(15_000, 400 * 2 ** attempt)
      expect(retryDelay('backoff', attempt, () => 0)).toBe(step / 2)
      expect(retryDelay('backoff', attempt, () => 1)).toBe(step)
    }
  })

  it('spreads a restart over five seconds', () => {
    expect(retryDelay('restart', 0, () => 0)).toBe(0)
    expect(retryDelay('restart', 0, () => 0.99)).toBeCloseTo(4950)
  })

  it('resumes a slow reader at once, but not over and over', () => {
    expect(retryDelay('now', 0)).toBe(0)
    expect(retryDelay('now', 1, () => 0)).toBeGreaterThan(0)
  })

  it('waits long where the server said that there are too many', () => {
    expect(retryDelay('crowded', 0, () => 0)).toBeGreaterThanOrEqual(10_000)
  })
})
