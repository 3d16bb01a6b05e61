import type { Outgoing } from '../model/exchanges'
import { isLive, type Message, type MessageStatus } from '../model/message'
import type { RunState } from '../model/runState'
import { useRun, useRunState } from './useDesk'

/** What the answer at the end of the conversation is doing. `halted`: a pause ended its run, the answer waits. */
export type FrontState = 'idle' | 'queued' | 'working' | 'paused' | 'halted' | 'asking'

export interface Front {
  state: FrontState
  answer: Message | null
  runId: string | null
}

const NOBODY: Front = { state: 'idle', answer: null, runId: null }

export function useFront(last: Message | null, outgoing: readonly Outgoing[]): Front {
  const answer = last?.role === 'assistant' && !isUnsent(last, outgoing) ? last : null
  const run = useRunState(answer === null ? null : answer.run_id)
  const status = answer === null ? 'complete' : statusOf(answer, run)
  const isFollowed = answer !== null && status === 'streaming'
  const standing = useRun(isFollowed ? answer.run_id : null)
  if (answer === null) return NOBODY
  return { state: stateOf(answer, status, standing?.paused === true), answer, runId: answer.run_id }
}

function isUnsent(answer: Message, outgoing: readonly Outgoing[]): boolean {
  return outgoing.some(({ error, assistant }) => error !== null && assistant.id === answer.id)
}

/** The run knows earlier than the stored message. A user message has no run and is complete. */
export function statusOf(message: Message, run: RunState | null): MessageStatus {
  return isLive(message) && run !== null && run.lastSeq > 0 ? run.status : message.status
}

function stateOf(answer: Message, status: MessageStatus, isPaused: boolean): FrontState {
  switch (status) {
    case 'queued':
      return 'queued'
    case 'streaming':
      return isPaused ? 'paused' : 'working'
    case 'waiting':
      return answer.content.some((part) => part.type === 'tool_call' && part.status === 'waiting') ? 'asking' : 'halted'
    default:
      return 'idle'
  }
}
