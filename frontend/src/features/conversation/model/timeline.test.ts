import { describe, expect, it } from 'vitest'

import { barsOf, type TimedStep } from './timeline'

const T0 = Date.parse('2026-11-21T09:00:00Z')
const step = (id: string, kind: TimedStep['kind'], at: number, ms: number | null, rest: Partial<TimedStep> = {}): TimedStep => ({
  id,
  parent_id: null,
  kind,
  name: id,
  status: ms === null ? 'running' : 'done',
  started_at: new Date(T0 + at).toISOString(),
  duration_ms: ms,
  data: {},
  ...rest,
})

describe('barsOf', () => {
  it('puts steps on one line, in the order of their beginning', () => {
    const bars = barsOf([step('tool', 'tool', 100, 100), step('queue', 'wait', 0, 100)], T0)
    expect(bars.map(({ id, from, length }) => ({ id, from, length }))).toEqual([
      { id: 'queue', from: 0, length: 0.5 },
      { id: 'tool', from: 0.5, length: 0.5 },
    ])
  })

  it('tells a node by its parts, and leaves out what only passed on', () => {
    const steps = [step('reason#1', 'node', 0, 50), step('model', 'model', 0, 50, { parent_id: 'reason#1' }), step('end', 'node', 50, 0)]
    expect(barsOf(steps, T0).map(({ id }) => id)).toEqual(['model'])
  })

  it('takes the last model call for the answer, those before for reasoning', () => {
    const bars = barsOf([step('m1', 'model', 0, 10), step('m2', 'model', 20, 10)], T0)
    expect(bars.map(({ kind }) => kind)).toEqual(['reason', 'answer'])
  })

  it('lets what runs grow with the time', () => {
    const [bar] = barsOf([step('m', 'model', 0, null)], T0 + 700)
    expect(bar).toMatchObject({ ms: 700, isRunning: true, length: 1 })
  })

  it('leaves out what another worker did again', () => {
    expect(barsOf([step('m', 'model', 0, 10, { status: 'discarded' })], T0)).toEqual([])
  })
})
