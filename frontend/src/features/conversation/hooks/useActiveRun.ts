import type { MessageStatus } from '@/shared/api'

import type { Outgoing } from '../model/outgoing'
import { isLive, type Message } from '../model/message'
import type { RunState } from '../model/runState'
import { waitsFor, type WaitsFor } from '../model/waitsFor'
import { useRun, useRunState } from './useRuntime'

/** What the answer at the end of the conversation is doing. `halted`: a pause ended its run, the answer waits. `program`: for the one that asked. */
export type ActiveRunState = 'idle' | 'queued' | 'working' | 'paused' | 'halted' | 'approval' | 'program'

export interface ActiveRun {
  state: ActiveRunState
  answer: Message | null
  runId: string | null
}

const FOLLOWED: ReadonlySet<MessageStatus> = new Set(['streaming', 'waiting'])
const NOBODY: ActiveRun = { state: 'idle', answer: null, runId: null }

export function useActiveRun(last: Message | null, outgoing: readonly Outgoing[]): ActiveRun {
  const answer = answerAt(last, outgoing)
  const runId = answer?.run_id ?? null
  const run = useRunState(runId)
  const status = answer === null ? 'complete' : statusOf(answer, run)
  const serverRun = useRun(FOLLOWED.has(status) ? runId : null)
  if (answer === null) return NOBODY
  const isWaiting = status === 'waiting'
  return { state: isWaiting ? waitingState(answer, waitsFor(run, serverRun)) : stateOf(status, serverRun?.paused === true), answer, runId }
}

function answerAt(last: Message | null, outgoing: readonly Outgoing[]): Message | null {
  return last?.role === 'assistant' && !isUnsent(last, outgoing) ? last : null
}

function isUnsent(answer: Message, outgoing: readonly Outgoing[]): boolean {
  return outgoing.some(({ error, assistant }) => error !== null && assistant.id === answer.id)
}

/** The run knows earlier than the stored message. A user message has no run and is complete. */
function statusOf(message: Message, run: RunState | null): MessageStatus {
  return isLive(message) && run !== null && run.lastSeq > 0 ? run.status : message.status
}

function waitingState(answer: Message, waitingFor: WaitsFor): ActiveRunState {
  if (!answer.content.some((part) => part.type === 'tool_call' && part.status === 'waiting')) return 'halted'
  return waitingFor === 'program' ? 'program' : 'approval'
}

function stateOf(status: MessageStatus, isPaused: boolean): ActiveRunState {
  switch (status) {
    case 'queued':
      return 'queued'
    case 'streaming':
      return isPaused ? 'paused' : 'working'
    default:
      return 'idle'
  }
}
