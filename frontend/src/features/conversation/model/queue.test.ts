import { describe, expect, it } from 'vitest'

import type { MessageStatus } from '@/shared/api'

import { message } from '../testing/renderConversation'
import type { Message } from './message'
import { isHeld, splitQueue, undecidedRun } from './queue'

/** Questions and answers in turn; the first answer has this status, the others are queued and empty. */
function talk(first: MessageStatus, count: number): Message[] {
  return Array.from({ length: count }, (_, index): Message[] => {
    const above = index === 0 ? null : `a${String(index - 1)}`
    const rest = index === 0 ? { status: first } : { status: 'queued' as const, content: [] }
    return [message(`q${String(index)}`, above, 'user'), message(`a${String(index)}`, `q${String(index)}`, 'assistant', rest)]
  }).flat()
}

const ids = (messages: readonly Message[]) => messages.map(({ id }) => id)

describe('splitQueue', () => {
  it.each(['queued', 'streaming', 'waiting'] as const)('puts everything behind an answer that is %s in line', (status) => {
    const queue = splitQueue(talk(status, 3))
    expect(ids(queue.shown)).toEqual(['q0', 'a0'])
    expect(queue.waiting.map(({ question, answer }) => [question.id, answer.id])).toEqual([
      ['q1', 'a1'],
      ['q2', 'a2'],
    ])
    expect(isHeld(queue)).toBe(false)
  })

  it('lets the next one go when the answer is complete', () => {
    const queue = splitQueue(talk('complete', 3))
    expect(ids(queue.shown)).toEqual(['q0', 'a0', 'q1', 'a1'])
    expect(queue.waiting).toHaveLength(1)
  })

  it.each(['stopped', 'failed'] as const)('holds what stands under an answer that is %s until the server lets it go', (status) => {
    const path = talk(status, 3)
    expect(isHeld(splitQueue(path))).toBe(true)
    expect(undecidedRun(path)).toBe('run-a1')
    const sent = splitQueue(path, { runId: 'run-a1', isHeld: false })
    expect(ids(sent.shown)).toEqual(['q0', 'a0', 'q1', 'a1'])
    expect(sent.waiting).toHaveLength(1)
    expect(isHeld(sent)).toBe(false)
  })

  it('holds what the server holds, also under an answer that was written on to a good end', () => {
    const path = talk('complete', 2)
    expect(undecidedRun(path)).toBe('run-a1')
    expect(isHeld(splitQueue(path, { runId: 'run-a1', isHeld: true }))).toBe(true)
  })

  it('shows a new question under a stopped answer at once, before its ack', () => {
    const [question, answer, next] = [message('q0', null, 'user'), message('a0', 'q0', 'assistant', { status: 'stopped' }), message('q1', 'a0', 'user')]
    const pending = message('pending-run', 'q1', 'assistant', { status: 'queued', content: [], run_id: 'run' })
    expect(splitQueue([question, answer, next, pending]).waiting).toEqual([])
  })

  it('takes an answer that goes on after a pause for begun', () => {
    const path = [...talk('complete', 1), message('q1', 'a0', 'user'), message('a1', 'q1', 'assistant', { status: 'queued' })]
    expect(splitQueue(path)).toEqual({ shown: path, waiting: [] })
    expect(undecidedRun(path)).toBeNull()
  })
})
