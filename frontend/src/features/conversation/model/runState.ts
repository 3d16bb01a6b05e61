/** What one answer has become so far, as far as the events of its run tell. */
import type { Context, MessageStatus, MessageTiming, MessageUsage } from '@/shared/api'
import type { Interrupt } from '@/shared/stream'

import type { Message, Part } from './message'
import { isInProgress } from './status'

/** A part of the answer while it grows. Entries that did not change keep their identity between two states. */
export interface Entry {
  /** Unique within the answer, stable from the part's first event on. */
  key: string
  /** The AG-UI message id that `coda.discard` names. */
  owner: string
  part: Part
  isOpen: boolean
  startedAt: number
  /** Raw arguments of a tool call; parsed once they are whole. */
  argumentsText: string
}

export interface RunState {
  runId: string
  messageId: string | null
  model: string | null
  status: MessageStatus
  entries: readonly Entry[]
  /** Graph steps that are open, newest last: "reason#2". */
  openSteps: readonly string[]
  usage: MessageUsage | null
  timing: MessageTiming | null
  context: Context | null
  interrupts: readonly Interrupt[]
  startedAt: number | null
  /** What earlier runs of this answer took. */
  earlierMs: number
  lastSeq: number
}

export function newRun(runId: string): RunState {
  return {
    runId,
    messageId: null,
    model: null,
    status: 'queued',
    entries: [],
    openSteps: [],
    usage: null,
    timing: null,
    context: null,
    interrupts: [],
    startedAt: null,
    earlierMs: 0,
    lastSeq: 0,
  }
}

/** A run that goes on with an answer: what stands there stays. `before`: the run that left it so, where it was seen. */
export function continuedRun(runId: string, message: Message, before: RunState | null): RunState {
  const { id: messageId, model, usage, timing } = message
  const entries = message.content.map((part, index) => keptEntry(part, keptKey(part, index, before)))
  return { ...newRun(runId), messageId, model, usage, timing, entries, earlierMs: timing?.total_ms ?? 0 }
}

/** The key of a part that is stored. A run's keys are kept after its end, so that nothing is built anew on the screen. */
export function keptKey(part: Part, index: number, run: RunState | null): string {
  if (part.type === 'tool_call') return `tool:${part.id}`
  return run?.entries[index]?.key ?? `${String(index)}:${part.type}`
}

function keptEntry(part: Part, key: string): Entry {
  return { key, owner: '', part, isOpen: false, startedAt: 0, argumentsText: '' }
}

export function hasEnded(state: RunState): boolean {
  return !isInProgress(state.status)
}

export function partsOf(state: RunState): Part[] {
  return state.entries.map((entry) => entry.part)
}
