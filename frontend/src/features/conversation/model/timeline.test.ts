import { describe, expect, it } from 'vitest'

import { isBrief, timelineOf, type TimedStep } from './timeline'

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

const barsOf = (steps: TimedStep[], now: number) => timelineOf(steps, now).bars

describe('timelineOf', () => {
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

  it('counts what is over in no time, but never what failed or still runs', () => {
    const steps = [step('prepare', 'node', 0, 49), step('m', 'model', 50, 50), step('tool', 'tool', 100, 12), step('bad', 'tool', 112, 3, { status: 'failed' }), step('on', 'tool', 120, null)]
    const { bars, briefCount } = timelineOf(steps, T0 + 121)
    expect(briefCount).toBe(2)
    expect(bars.filter((bar) => !isBrief(bar)).map(({ id }) => id)).toEqual(['m', 'bad', 'on'])
  })

  it('shows all where all is brief', () => {
    expect(timelineOf([step('queue', 'wait', 0, 10), step('m', 'model', 10, 20)], T0).briefCount).toBe(0)
  })

  it('calls a tool slow, never a model that streams or a wait', () => {
    const long = 180_000
    const bars = barsOf([step('queue', 'wait', 0, long), step('m1', 'model', 0, long), step('m2', 'model', 0, long), step('t', 'tool', 0, long)], T0)
    expect(bars.filter(({ isSlow }) => isSlow).map(({ id }) => id)).toEqual(['t'])
  })
})
