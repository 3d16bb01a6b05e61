/** Coda's own events: usage, timing, context, tool evaluations, notices, and what a dead attempt had begun. */
import type { CodaMetadata, RunEvent } from '@/shared/stream'

import type { ContextReport } from './context'
import type { Evaluation, Timing, Usage } from './message'
import { addEntry, addNotice, changeEntry, steerKey, toolKey } from './runEntries'
import type { RunState } from './runState'

type Value = Record<string, unknown>
type CustomEvent = Extract<RunEvent, { type: 'CUSTOM' }>

const REDUCERS: Partial<Record<string, (state: RunState, value: Value, metadata: CodaMetadata) => RunState>> = {
  'coda.usage': (state, value) => ({ ...state, usage: value as unknown as Usage }),
  'coda.timing': (state, value) => ({ ...state, timing: value as unknown as Timing }),
  'coda.context': (state, value) => ({ ...state, context: value as unknown as ContextReport }),
  'coda.tool_evaluation': evaluated,
  'coda.notice': noticed,
  'coda.fallback': noticed,
  'coda.steer': steered,
  'coda.discard': discarded,
}

export function reduceCustom(state: RunState, { name, value, metadata }: CustomEvent): RunState {
  if (typeof value !== 'object' || value === null) return state
  return REDUCERS[name]?.(state, value as Value, metadata.coda) ?? state
}

function evaluated(state: RunState, value: Value): RunState {
  const { tool_call_id: callId, evaluation } = value
  if (typeof callId !== 'string') return state
  return changeEntry(state, toolKey(callId), (entry) =>
    entry.part.type === 'tool_call' ? { ...entry, part: { ...entry.part, evaluation: evaluation as Evaluation } } : entry,
  )
}

function noticed(state: RunState, { code, message, details }: Value): RunState {
  if (typeof code !== 'string' || typeof message !== 'string') return state
  return addNotice(state, { code, message, details })
}

function steered(state: RunState, { text }: Value, { steer_id: id }: CodaMetadata): RunState {
  if (typeof text !== 'string') return state
  return addEntry(state, steerKey(id ?? `${state.runId}:${String(state.lastSeq)}`), '', undefined, { type: 'steer', text })
}

/** Another worker took over: what the dead one had begun is written again under new ids. */
function discarded(state: RunState, value: Value): RunState {
  const ids = new Set(Array.isArray(value.message_ids) ? (value.message_ids as unknown[]) : [])
  return { ...state, entries: state.entries.filter((entry) => !ids.has(entry.owner)) }
}
