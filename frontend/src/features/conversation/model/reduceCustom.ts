/** Coda's own events: usage, timing, context, tool evaluations, notices, and what a dead attempt had begun. */
import type { ContextReport } from './context'
import type { Evaluation, Timing, Usage } from './message'
import { addEntry, addNotice, changeEntry, toolKey } from './runEntries'
import type { RunState } from './runState'

type Value = Record<string, unknown>

const REDUCERS: Partial<Record<string, (state: RunState, value: Value) => RunState>> = {
  'coda.usage': (state, value) => ({ ...state, usage: value as unknown as Usage }),
  'coda.timing': (state, value) => ({ ...state, timing: value as unknown as Timing }),
  'coda.context': (state, value) => ({ ...state, context: value as unknown as ContextReport }),
  'coda.tool_evaluation': evaluated,
  'coda.notice': noticed,
  'coda.fallback': noticed,
  'coda.steer': steered,
  'coda.discard': discarded,
}

export function reduceCustom(state: RunState, name: string, value: unknown): RunState {
  if (typeof value !== 'object' || value === null) return state
  return REDUCERS[name]?.(state, value as Value) ?? state
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

function steered(state: RunState, { text }: Value): RunState {
  if (typeof text !== 'string') return state
  const key = `steer:${state.runId}:${String(state.lastSeq)}`
  return addEntry(state, key, '', undefined, { type: 'steer', text })
}

/** Another worker took over: what the dead one had begun is written again under new ids. */
function discarded(state: RunState, value: Value): RunState {
  const ids = new Set(Array.isArray(value.message_ids) ? (value.message_ids as unknown[]) : [])
  return { ...state, entries: state.entries.filter((entry) => !ids.has(entry.owner)) }
}
