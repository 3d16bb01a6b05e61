import type { RunEvent } from '@/shared/stream'
import { describe, expect, it } from 'vitest'

import { reduceEvents, reduceRun } from './reduceRun'
import { newRun, partsOf, type RunState } from './runState'
import { readExpected, readTranscript, transcriptNames } from '../testing/transcripts'

const names = transcriptNames()

function outcome(state: RunState) {
  return {
    status: state.status,
    parts: partsOf(state),
    last_seq: state.lastSeq,
    usage: state.usage,
    timing: state.timing,
  }
}

function replay(events: readonly RunEvent[]): RunState {
  return reduceEvents(newRun(events[0]?.metadata.coda.run_id ?? ''), events)
}

/** What the server sends on attach: RUN_STARTED and all that was open, marked as replay, then what is new. */
function attachStream(events: readonly RunEvent[], after: number): RunEvent[] {
  const fresh = events.filter((event) => event.metadata.coda.replay !== true)
  const open = new Map<string, RunEvent>()
  for (const event of fresh) {
    if (event.metadata.coda.seq > after) break
    const id = openId(event)
    if (id === null) continue
    if (/STARTED|START$/.test(event.type)) open.set(id, event)
    else if (/FINISHED|END$|RESULT/.test(event.type)) open.delete(id)
  }
  const reopened = [...open.values()].map((event) => ({
    ...event,
    metadata: { coda: { ...event.metadata.coda, seq: after, replay: true } },
  }))
  return [...reopened, ...fresh.filter((event) => event.metadata.coda.seq > after)]
}

function openId(event: RunEvent): string | null {
  const kind = event.type.replace(/_(STARTED|START|FINISHED|END|RESULT)$/, '')
  if ('stepName' in event) return `${kind}:${event.stepName}`
  if ('toolCallId' in event) return `${kind}:${event.toolCallId}`
  if ('messageId' in event) return `${kind}:${event.messageId}`
  return event.type.startsWith('RUN_') ? 'RUN' : null
}

describe.each(names)('transcript %s', (name) => {
  const events = readTranscript(name)
  const expected = readExpected(name)

  it('replays to the expected state', () => {
    expect(outcome(replay(events))).toEqual(expected)
  })

  it('comes to the same state after a cut at any event and an attach', () => {
    const whole = replay(events)
    for (let cut = 0; cut <= events.length; cut += 1) {
      const before = replay(events.slice(0, cut))
      const state = reduceEvents({ ...before, runId: whole.runId }, attachStream(events, before.lastSeq))
      expect(state).toEqual(whole)
    }
  })

  it('comes to the same state when anything arrives twice', () => {
    const whole = replay(events)
    expect(replay(events.flatMap((event) => [event, event]))).toEqual(whole)
    for (let cut = 1; cut < events.length; cut += 1) {
      expect(reduceEvents(replay(events.slice(0, cut)), events)).toEqual(whole)
    }
  })

  it('keeps the identity of parts that an event does not touch', () => {
    let state = newRun('r')
    for (const event of events) {
      const next = reduceRun(state, event)
      const kept = next.entries.filter((entry) => state.entries.includes(entry)).length
      expect(next.entries.length - kept).toBeLessThanOrEqual(event.type.startsWith('RUN_') ? next.entries.length : 1)
      state = next
    }
  })
})

describe('reduceRun', () => {
  const coda = (seq: number) => ({ metadata: { coda: { seq, run_id: 'r', session_id: 's' } } })
  const begin: RunEvent[] = [
    { type: 'RUN_STARTED', threadId: 's', runId: 'r', timestamp: 0, ...coda(1) },
    { type: 'TEXT_MESSAGE_START', messageId: 'm.1', timestamp: 1, ...coda(2) },
    { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm.1', delta: 'Half', timestamp: 2, ...coda(3) },
  ]

  it('keeps what was written when a run is stopped', () => {
    const state = replay([...begin, { type: 'RUN_FINISHED', threadId: 's', runId: 'r', outcome: { type: 'cancelled' }, ...coda(4) }])
    expect(state.status).toBe('stopped')
    expect(partsOf(state)).toEqual([{ type: 'text', text: 'Half' }])
  })

  it('keeps what was written when a run fails, and says why', () => {
    const state = replay([...begin, { type: 'RUN_ERROR', message: 'The model timed out.', code: 'llm.timeout', ...coda(4) }])
    expect(state.status).toBe('failed')
    expect(partsOf(state)).toEqual([
      { type: 'text', text: 'Half' },
      { type: 'notice', code: 'llm.timeout', message: 'The model timed out.', details: {} },
    ])
  })

  it('drops what a dead attempt had begun', () => {
    const state = replay([...begin, { type: 'CUSTOM', name: 'coda.discard', value: { message_ids: ['m.1'] }, ...coda(4) }])
    expect(partsOf(state)).toEqual([])
  })

  it('empties the answer when it comes whole, and leaves a finished one alone', () => {
    const compact = (seq: number) => ({ metadata: { coda: { ...coda(seq).metadata.coda, compact: true } } })
    const whole: RunEvent[] = [
      { type: 'RUN_STARTED', threadId: 's', runId: 'r', ...compact(1) },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'stored.1', delta: 'Half and whole', ...compact(2) },
      { type: 'RUN_FINISHED', threadId: 's', runId: 'r', ...compact(9) },
    ]
    const state = replay([...begin, ...whole])
    expect(partsOf(state)).toEqual([{ type: 'text', text: 'Half and whole' }])
    expect(reduceEvents(state, whole)).toEqual(state)
  })

  it('goes on in the same answer when another run resumes it', () => {
    const resumed = { metadata: { coda: { seq: 1, run_id: 'r2', session_id: 's' } } }
    const state = replay([...begin, { type: 'RUN_STARTED', threadId: 's', runId: 'r2', ...resumed }])
    expect(state).toMatchObject({ runId: 'r2', lastSeq: 1, status: 'streaming' })
    expect(partsOf(state)).toEqual([{ type: 'text', text: 'Half' }])
  })

  it('ignores events and parts that it does not know', () => {
    const unknown = { type: 'RAW', event: {}, ...coda(4) } as unknown as RunEvent
    const orphan: RunEvent = { type: 'REASONING_MESSAGE_CONTENT', messageId: 'other', delta: 'x', ...coda(5) }
    const odd = { type: 'CUSTOM', name: 'coda.unheard_of', value: null, ...coda(6) } as unknown as RunEvent
    const state = replay([...begin, unknown, orphan, odd])
    expect(state.lastSeq).toBe(6)
    expect(partsOf(state)).toEqual([{ type: 'text', text: 'Half' }])
  })
})
