/** An answer as the screen shows it: the stored message, or the run that is filling it. */
import type { Context, MessageStatus, MessageTiming, MessageUsage } from '@/shared/api'

import { isLive, type Message, type Part } from './message'
import { keptKey, partsOf, type RunState } from './runState'

export interface AnswerPart {
  key: string
  part: Part
  /** Still being written or worked on. */
  isOpen: boolean
  startedAt: number
  /** A call that waits for the program that asked, which makes it. */
  isLeftToProgram?: boolean
}

export interface Answer {
  id: string
  runId: string | null
  status: MessageStatus
  parts: readonly AnswerPart[]
  model: string | null
  usage: MessageUsage | null
  timing: MessageTiming | null
  context: Context | null
  traceId: string | null
  /** Since when its time counts, on a clock that ran while it worked; null where nothing is being made. */
  startedAt: number | null
}

/** The run knows more than the message for as long as the message is not stored whole. */
export function answerOf(message: Message, run: RunState | null): Answer {
  if (run === null || run.lastSeq === 0 || !isLive(message)) return storedAnswer(message, run)
  return {
    id: message.id,
    runId: message.run_id,
    status: run.status,
    parts: run.status === 'streaming' ? run.entries.map(goingOn) : run.entries,
    model: run.model ?? message.model,
    usage: run.usage,
    timing: run.timing,
    context: run.context,
    traceId: message.trace_id,
    startedAt: run.startedAt === null ? null : run.startedAt - run.earlierMs,
  }
}

/** Decided on already: only its result is not there yet. */
function goingOn(part: AnswerPart): AnswerPart {
  if (part.part.type !== 'tool_call' || part.part.status !== 'waiting') return part
  return { ...part, part: { ...part.part, status: 'running' } }
}

function storedAnswer(message: Message, run: RunState | null): Answer {
  const parts = message.content.map((part, index) => ({ key: keptKey(part, index, run), part, isOpen: false, startedAt: 0 }))
  return {
    id: message.id,
    runId: message.run_id,
    status: message.status,
    parts: message.status === 'waiting' ? parts : parts.map(goingOn),
    model: message.model,
    usage: message.usage,
    timing: message.timing,
    context: run?.context ?? null,
    traceId: message.trace_id,
    startedAt: null,
  }
}

/** The message as the ended run leaves it; the server has stored the same. */
export function settledMessage(message: Message, run: RunState): Message {
  return {
    ...message,
    content: partsOf(run),
    status: run.status,
    model: run.model ?? message.model,
    usage: run.usage ?? message.usage,
    timing: run.timing ?? message.timing,
  }
}
