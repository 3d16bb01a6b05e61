/** Folds the events of a run into the answer's state: pure, total, and blind to replays. The rules: docs/api/events.md. */
import type { RunEvent, RunOutcome } from '@/shared/stream'

import { reduceCustom } from './reduceCustom'
import { reducePart } from './reducePart'
import { addNotice, changeEntry, closeAll, toolKey, withSteersRead } from './runEntries'
import { hasEnded, type RunState } from './runState'

/** Fold one event into the run. A replayed event (seq already seen) changes nothing. */
export function reduceRun(state: RunState, event: RunEvent): RunState {
  const { seq, replay } = event.metadata.coda
  if (replay === true) return state
  if (event.type === 'RUN_STARTED' && beginsAnew(state, event)) return started({ ...state, lastSeq: seq }, event)
  if (seq <= state.lastSeq) return state
  return reduceFresh({ ...state, lastSeq: seq }, event)
}

export function reduceEvents(state: RunState, events: readonly RunEvent[]): RunState {
  return events.reduce(reduceRun, state)
}

/** Another run fills the same answer after an interrupt, or a long-ended stream comes whole from the stored answer. */
function beginsAnew(state: RunState, event: RunEvent): boolean {
  const { run_id: runId, compact } = event.metadata.coda
  return runId !== state.runId || (compact === true && !hasEnded(state))
}

function reduceFresh(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'RUN_STARTED':
      return started(state, event)
    case 'RUN_FINISHED':
      return finished(closeAll(state), event.outcome ?? { type: 'success' })
    case 'RUN_ERROR':
      return failed(closeAll(state), event)
    case 'STEP_STARTED':
      return { ...state, openSteps: [...state.openSteps, event.stepName] }
    case 'STEP_FINISHED':
      return { ...state, openSteps: state.openSteps.filter((step) => step !== event.stepName) }
    case 'CUSTOM':
      return reduceCustom(state, event)
    default:
      return reducePart(state, event)
  }
}

function started(state: RunState, event: Extract<RunEvent, { type: 'RUN_STARTED' }>): RunState {
  const { run_id: runId, message_id: messageId, model, compact } = event.metadata.coda
  return {
    ...state,
    runId,
    messageId: messageId ?? state.messageId,
    model: model ?? state.model,
    status: 'streaming',
    entries: compact === true ? [] : withSteersRead(state.entries),
    interrupts: [],
    startedAt: state.startedAt ?? event.timestamp ?? null,
  }
}

function finished(state: RunState, outcome: RunOutcome): RunState {
  switch (outcome.type) {
    case 'cancelled':
      return { ...state, status: 'stopped' }
    case 'interrupt':
      return interrupted(state, outcome.interrupts)
    default:
      return { ...state, status: 'complete' }
  }
}

function interrupted(state: RunState, interrupts: Extract<RunOutcome, { type: 'interrupt' }>['interrupts']): RunState {
  const waiting = interrupts.reduce(
    (next, { toolCallId }) =>
      toolCallId === undefined
        ? next
        : changeEntry(next, toolKey(toolCallId), (entry) =>
            entry.part.type === 'tool_call' ? { ...entry, part: { ...entry.part, status: 'waiting' } } : entry,
          ),
    state,
  )
  return { ...waiting, status: 'waiting', interrupts }
}

function failed(state: RunState, event: Extract<RunEvent, { type: 'RUN_ERROR' }>): RunState {
  const { message, code = 'runs.failed' } = event
  return { ...addNotice(state, { code, message, details: event.metadata.coda.details ?? {} }), status: 'failed' }
}
