import type { MessageStatus } from '@/shared/api'

import type { Outgoing } from '../model/outgoing'
import { isLive, type Message } from '../model/message'
import type { RunState } from '../model/runState'
import { useRun, useRunState } from './useRuntime'

/** What the answer at the end of the conversation is doing. `halted`: a pause ended its run, the answer waits. */
export type ActiveRunState = 'idle' | 'queued' | 'working' | 'paused' | 'halted' | 'approval'

export interface ActiveRun {
  state: ActiveRunState
  answer: Message | null
  runId: string | null
}

const NOBODY: ActiveRun = { state: 'idle', answer: null, runId: null }

export function useActiveRun(last: Message | null, outgoing: readonly Outgoing[]): ActiveRun {
  const answer = last?.role === 'assistant' && !isUnsent(last, outgoing) ? last : null
  const run = useRunState(answer === null ? null : answer.run_id)
  const status = answer === null ? 'complete' : statusOf(answer, run)
  const isFollowed = answer !== null && status === 'streaming'
  const serverRun = useRun(isFollowed ? answer.run_id : null)
  if (answer === null) return NOBODY
  return { state: stateOf(answer, status, serverRun?.paused === true), answer, runId: answer.run_id }
}

function isUnsent(answer: Message, outgoing: readonly Outgoing[]): boolean {
  return outgoing.some(({ error, assistant }) => error !== null && assistant.id === answer.id)
}

/** The run knows earlier than the stored message. A user message has no run and is complete. */
function statusOf(message: Message, run: RunState | null): MessageStatus {
  return isLive(message) && run !== null && run.lastSeq > 0 ? run.status : message.status
}

function stateOf(answer: Message, status: MessageStatus, isPaused: boolean): ActiveRunState {
  switch (status) {
    case 'queued':
      return 'queued'
    case 'streaming':
      return isPaused ? 'paused' : 'working'
    case 'waiting':
      return answer.content.some((part) => part.type === 'tool_call' && part.status === 'waiting') ? 'approval' : 'halted'
    default:
      return 'idle'
  }
}
