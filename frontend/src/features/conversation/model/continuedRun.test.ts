import { describe, expect, it } from 'vitest'

import type { ToolCallPart } from '@/shared/api'
import type { RunEvent } from '@/shared/stream'

import { message } from '../testing/renderConversation'
import { readTranscript } from '../testing/transcripts'
import { answerOf, settledMessage } from './answer'
import { reduceEvents } from './reduceRun'
import { continuedRun, newRun, partsOf, type RunState } from './runState'

const first = readTranscript('interrupt')
const NEXT = 'run-that-goes-on'
const before = reduceEvents(newRun(first[0]?.metadata.coda.run_id ?? ''), first)
const waiting = settledMessage(message('a', 'q', 'assistant', { status: 'streaming', run_id: before.runId, content: [] }), before)
const call = partsOf(before).find((part): part is ToolCallPart => part.type === 'tool_call')
const callId = call?.id ?? ''

function events(...bodies: Record<string, unknown>[]): RunEvent[] {
  return bodies.map((body, index) => {
    const coda = { seq: index + 1, run_id: NEXT, session_id: 's', message_id: 'a', ...(body.coda as object | undefined) }
    return { timestamp: index, ...body, metadata: { coda } } as unknown as RunEvent
  })
}

const goesOn = events(
  { type: 'RUN_STARTED', threadId: 's', runId: NEXT },
  { type: 'TOOL_CALL_RESULT', toolCallId: callId, messageId: `${callId}.result`, content: '{"id":7}', coda: { status: 'done', error: null, duration_ms: 4 } },
  { type: 'TEXT_MESSAGE_START', messageId: 'a.2', role: 'assistant' },
  { type: 'TEXT_MESSAGE_CONTENT', messageId: 'a.2', delta: 'Ticket 7 is open.' },
  { type: 'TEXT_MESSAGE_END', messageId: 'a.2' },
  { type: 'RUN_FINISHED', threadId: 's', runId: NEXT, outcome: { type: 'success' } },
)

/** The tab that saw the first run, and one that was loaded after it. */
const tabs: [string, RunState | null][] = [
  ['seen from its beginning', before],
  ['loaded in the pause', null],
]

describe.each(tabs)('an answer that another run fills further, %s', (_, seen) => {
  const begun = continuedRun(NEXT, waiting, seen)

  it('keeps what stands there and counts its events anew', () => {
    expect(begun).toMatchObject({ runId: NEXT, lastSeq: 0, status: 'queued' })
    expect(partsOf(begun)).toEqual(waiting.content)
    const done = reduceEvents(begun, goesOn)
    expect(done.status).toBe('complete')
    expect(partsOf(done)).toHaveLength(waiting.content.length + 1)
    expect(partsOf(done)).toContainEqual(expect.objectContaining({ id: callId, status: 'done', result: { id: 7 } }))
    expect(reduceEvents(done, goesOn)).toBe(done)
  })

  it('builds nothing anew on the screen', () => {
    const keysOf = (state: RunState) => answerOf({ ...waiting, run_id: NEXT, status: 'queued' }, state).parts.map(({ key }) => key)
    const started = reduceEvents(begun, goesOn.slice(0, 1))
    expect(keysOf(started)).toEqual(keysOf(begun))
    if (seen !== null) expect(keysOf(started)).toEqual(answerOf(waiting, seen).parts.map(({ key }) => key))
  })

  it('counts its time on from what it had taken', () => {
    const [opening] = goesOn as [RunEvent]
    const begunAt = continuedRun(NEXT, { ...waiting, timing: { ttft_ms: 90, total_ms: 4_000 } }, seen)
    const started = reduceEvents(begunAt, [{ ...opening, timestamp: 100_000 }])
    expect(answerOf({ ...waiting, run_id: NEXT, status: 'queued' }, started).startedAt).toBe(96_000)
  })

  it('shows what was decided as under way, not as waiting', () => {
    const started = reduceEvents(begun, goesOn.slice(0, 1))
    const shown = answerOf({ ...waiting, run_id: NEXT, status: 'queued' }, started)
    expect(shown.parts.map(({ part }) => part)).toContainEqual(expect.objectContaining({ id: callId, status: 'running' }))
  })
})
