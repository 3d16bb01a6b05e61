import { describe, expect, it } from 'vitest'
import { closeVerdict } from './closeCodes'

describe('closeVerdict', () => {
  it('comes back at once after being too slow, and after the login has to be looked at again', () => {
    expect(closeVerdict(4408)).toEqual({ next: 'retry', pace: 'now', drop: 'none' })
    expect(closeVerdict(4401)).toEqual({ next: 'retry', pace: 'now', drop: 'none' })
  })

  it('spreads out after a restart and holds back when there are too many', () => {
    expect(closeVerdict(1012)).toMatchObject({ pace: 'restart' })
    expect(closeVerdict(4429)).toMatchObject({ pace: 'crowded' })
  })

  it('gives up only where trying again cannot help', () => {
    expect(closeVerdict(4403)).toEqual({ next: 'stop', reason: 'origin' })
    expect(closeVerdict(1006)).toMatchObject({ next: 'retry', pace: 'backoff' })
  })

  it('does not send again what the server could not read', () => {
    expect(closeVerdict(4400)).toMatchObject({ next: 'retry', drop: 'all' })
  })
})
