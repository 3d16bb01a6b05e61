/** The events that make and grow the parts of an answer: text, reasoning, tool calls. */
import type { ToolCallPart } from '@/shared/api'
import { isRecord } from '@/shared/lib/records'
import type { RunEvent } from '@/shared/stream'

import { addEntry, changeEntry, closeReasoning, parseJson, putEntry, reasoningKey, textKey, toolKey } from './runEntries'
import type { RunState } from './runState'

type Of<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>

export function reducePart(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'TEXT_MESSAGE_CONTENT':
      return appendText(state, event)
    case 'TEXT_MESSAGE_END':
      return changeEntry(state, textKey(event.messageId), (entry) => ({ ...entry, isOpen: false }))
    case 'REASONING_MESSAGE_START':
      return openReasoning(state, event.messageId, event.timestamp)
    case 'REASONING_MESSAGE_CONTENT':
      return append(state, reasoningKey(event.messageId), event.delta)
    case 'REASONING_MESSAGE_END':
      return changeEntry(state, reasoningKey(event.messageId), (entry) => closeReasoning(entry, event.timestamp))
    default:
      return reduceTool(state, event)
  }
}

function reduceTool(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'TOOL_CALL_START':
      return openTool(state, event)
    case 'TOOL_CALL_ARGS':
      return changeEntry(state, toolKey(event.toolCallId), (entry) => ({
        ...entry,
        argumentsText: entry.argumentsText + event.delta,
      }))
    case 'TOOL_CALL_END':
      return changeTool(state, event.toolCallId, (part, text) => ({ ...part, ...readArguments(text) }))
    case 'TOOL_CALL_RESULT':
      return answerTool(state, event)
    default:
      return state
  }
}

function appendText(state: RunState, event: Of<'TEXT_MESSAGE_CONTENT'>): RunState {
  if (event.delta === '') return state
  const { messageId, timestamp } = event
  const opened = addEntry(state, textKey(messageId), messageId, timestamp, { type: 'text', text: '' })
  return append(opened, textKey(messageId), event.delta)
}

function append(state: RunState, key: string, delta: string): RunState {
  return changeEntry(state, key, (entry) =>
    entry.part.type === 'text' || entry.part.type === 'reasoning'
      ? { ...entry, part: { ...entry.part, text: entry.part.text + delta } }
      : entry,
  )
}

function openReasoning(state: RunState, messageId: string, at: number | undefined): RunState {
  const startedAt = at === undefined ? null : new Date(at).toISOString()
  const part = { type: 'reasoning', text: '', started_at: startedAt, duration_ms: null } as const
  return addEntry(state, reasoningKey(messageId), messageId, at, part)
}

function openTool(state: RunState, event: Of<'TOOL_CALL_START'>): RunState {
  return putEntry(state, toolKey(event.toolCallId), event.parentMessageId ?? '', event.timestamp, {
    type: 'tool_call',
    id: event.toolCallId,
    name: event.toolCallName,
    arguments: {},
    status: 'running',
    result: null,
    error: null,
    duration_ms: null,
  })
}

function answerTool(state: RunState, event: Of<'TOOL_CALL_RESULT'>): RunState {
  const { status = 'done', error = null, duration_ms: duration = null } = event.metadata.coda
  const closed = changeEntry(state, toolKey(event.toolCallId), (entry) => ({ ...entry, isOpen: false }))
  return changeTool(closed, event.toolCallId, (part) => ({
    ...part,
    status,
    error,
    duration_ms: duration,
    result: status === 'done' ? parseJson(event.content) : null,
  }))
}

function changeTool(
  state: RunState,
  callId: string,
  change: (part: ToolCallPart, argumentsText: string) => ToolCallPart,
): RunState {
  return changeEntry(state, toolKey(callId), (entry) =>
    entry.part.type === 'tool_call' ? { ...entry, part: change(entry.part, entry.argumentsText) } : entry,
  )
}

/** Arguments must be an object; any other text is kept to be shown as it came. */
function readArguments(text: string): Pick<ToolCallPart, 'arguments' | 'arguments_text'> {
  const parsed = parseJson(text)
  return isRecord(parsed) ? { arguments: parsed } : { arguments: {}, arguments_text: text }
}
