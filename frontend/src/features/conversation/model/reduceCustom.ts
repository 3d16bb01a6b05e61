/** Coda's own events: usage, timing, context, tool evaluations, notices, and what a dead attempt had begun. */
import type { CodaMetadata, CustomValues, RunEvent } from '@/shared/stream'

import { addEntry, addNotice, changeEntry, steerKey, toolKey } from './runEntries'
import type { RunState } from './runState'

type CustomEvent = Extract<RunEvent, { type: 'CUSTOM' }>

export function reduceCustom(state: RunState, event: CustomEvent): RunState {
  switch (event.name) {
    case 'coda.usage':
      return { ...state, usage: event.value }
    case 'coda.timing':
      return { ...state, timing: event.value }
    case 'coda.context':
      return { ...state, context: event.value }
    default:
      return reduceParts(state, event)
  }
}

function reduceParts(state: RunState, event: CustomEvent): RunState {
  switch (event.name) {
    case 'coda.tool_evaluation':
      return evaluated(state, event.value)
    case 'coda.notice':
    case 'coda.fallback':
      return addNotice(state, event.value)
    case 'coda.steer':
      return steered(state, event.value, event.metadata.coda)
    case 'coda.discard':
      return discarded(state, event.value)
    default:
      return state
  }
}

function evaluated(state: RunState, { tool_call_id: callId, evaluation }: CustomValues['coda.tool_evaluation']): RunState {
  return changeEntry(state, toolKey(callId), (entry) =>
    entry.part.type === 'tool_call' ? { ...entry, part: { ...entry.part, evaluation } } : entry,
  )
}

function steered(state: RunState, value: CustomValues['coda.steer'], { steer_id: id }: CodaMetadata): RunState {
  return addEntry(state, steerKey(id ?? `${state.runId}:${String(state.lastSeq)}`), '', undefined, { type: 'steer', ...value })
}

/** Another worker took over: what the dead one had begun is written again under new ids. */
function discarded(state: RunState, { message_ids: ids }: CustomValues['coda.discard']): RunState {
  return { ...state, entries: state.entries.filter((entry) => !ids.includes(entry.owner)) }
}
