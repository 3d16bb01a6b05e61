/** Adding to, changing and closing the parts of a growing answer. */
import type { NoticePart } from '@/shared/api'

import type { Part } from './message'
import type { Entry, RunState } from './runState'

export const textKey = (messageId: string): string => `text:${messageId}`
export const reasoningKey = (messageId: string): string => `reasoning:${messageId}`
export const steerKey = (steerId: string): string => `steer:${steerId}`
export const toolKey = (callId: string): string => `tool:${callId}`

/** Add a part at the end, unless it is there already. */
export function addEntry(state: RunState, key: string, owner: string, at: number | undefined, part: Part): RunState {
  if (indexOf(state, key) !== -1) return state
  return { ...state, entries: [...state.entries, newEntry(key, owner, at, part)] }
}

/** Add a part at the end, or set the one of this key back to it. */
export function putEntry(state: RunState, key: string, owner: string, at: number | undefined, part: Part): RunState {
  const index = indexOf(state, key)
  if (index === -1) return addEntry(state, key, owner, at, part)
  return { ...state, entries: state.entries.with(index, newEntry(key, owner, at, part)) }
}

export function addNotice(state: RunState, { code, message, details }: Omit<NoticePart, 'type'>): RunState {
  const key = `notice:${state.runId}:${String(state.lastSeq)}`
  const entry = newEntry(key, '', undefined, { type: 'notice', code, message, details })
  return { ...state, entries: [...state.entries, { ...entry, isOpen: false }] }
}

export function changeEntry(state: RunState, key: string, change: (entry: Entry) => Entry): RunState {
  const index = indexOf(state, key)
  const entry = state.entries[index]
  if (entry === undefined) return state
  return { ...state, entries: state.entries.with(index, change(entry)) }
}

export function closeReasoning(entry: Entry, at: number | undefined): Entry {
  if (entry.part.type !== 'reasoning') return entry
  const duration = at === undefined ? null : at - entry.startedAt
  return { ...entry, isOpen: false, part: { ...entry.part, duration_ms: duration } }
}

/** An answer that goes on reads first what it had ended without. */
export function withSteersRead(entries: readonly Entry[]): readonly Entry[] {
  if (!entries.some(({ part }) => part.type === 'steer' && part.read === false)) return entries
  return entries.map((entry) => (entry.part.type === 'steer' ? { ...entry, part: { type: 'steer', text: entry.part.text } } : entry))
}

/** The run is over: nothing stays open. */
export function closeAll(state: RunState): RunState {
  const entries = state.entries.map((entry) => (entry.isOpen ? { ...entry, isOpen: false } : entry))
  return { ...state, openSteps: [], entries }
}

/** Structured content arrives as text; what is not JSON stays the text it is. */
export function parseJson(content: unknown): unknown {
  if (typeof content !== 'string') return content
  try {
    return JSON.parse(content)
  } catch {
    return content
  }
}

/** What changes is nearly always the newest part, so look from the end. */
function indexOf(state: RunState, key: string): number {
  return state.entries.findLastIndex((entry) => entry.key === key)
}

function newEntry(key: string, owner: string, at: number | undefined, part: Part): Entry {
  return { key, owner, part, isOpen: true, startedAt: at ?? 0, argumentsText: '' }
}
