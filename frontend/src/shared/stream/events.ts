/** The events of a run as they arrive: AG-UI 1.0, with Coda's own facts in `metadata.coda` and in CUSTOM events. */
import type { Context, MessageTiming, MessageUsage, NoticePart, SteerPart, ToolCallPart, ToolEvaluation } from '@/shared/api'

export interface CodaMetadata {
  seq: number
  run_id: string
  session_id: string
  /** Set on the frames that re-open, after an attach, what was open; their `seq` is the one attached after. */
  replay?: boolean
  /** The stream was rebuilt from the stored answer: whole, whatever was asked for. */
  compact?: boolean
  /** On RUN_STARTED: the assistant message that this run fills. */
  message_id?: string
  root_run_id?: string
  model?: string
  /** On `coda.steer`: which of the pending ones has been read. */
  steer_id?: string
  /** On RUN_ERROR. */
  details?: Record<string, unknown>
  /** On TOOL_CALL_RESULT: how the call went. */
  status?: ToolCallPart['status']
  error?: ToolCallPart['error']
  duration_ms?: number | null
}

interface EventBase {
  timestamp?: number
  metadata: { coda: CodaMetadata }
}

export interface Interrupt {
  id: string
  reason: string
  message?: string
  toolCallId?: string
  expiresAt?: string
}

export type RunOutcome =
  | { type: 'success' }
  | { type: 'cancelled' }
  | { type: 'interrupt'; interrupts: Interrupt[] }

type NoticeValue = Omit<NoticePart, 'type'>

/** What each of Coda's own events carries. There may be others, of newer servers. */
export interface CustomValues {
  'coda.usage': MessageUsage
  'coda.timing': MessageTiming
  'coda.context': Context
  'coda.tool_evaluation': { tool_call_id: string; evaluation: ToolEvaluation }
  'coda.notice': NoticeValue
  'coda.fallback': NoticeValue
  'coda.steer': Omit<SteerPart, 'type'>
  /** AG-UI ids of what a lost attempt had begun. */
  'coda.discard': { message_ids: string[] }
}

type CustomEvent = { [Name in keyof CustomValues]: { type: 'CUSTOM'; name: Name; value: CustomValues[Name] } }[keyof CustomValues]

export type RunEvent = EventBase &
  (
    | { type: 'RUN_STARTED'; threadId: string; runId: string }
    | { type: 'RUN_FINISHED'; threadId: string; runId: string; outcome?: RunOutcome }
    | { type: 'RUN_ERROR'; message: string; code?: string }
    | { type: 'STEP_STARTED' | 'STEP_FINISHED'; stepName: string }
    | { type: 'TEXT_MESSAGE_START' | 'TEXT_MESSAGE_END'; messageId: string }
    | { type: 'TEXT_MESSAGE_CONTENT'; messageId: string; delta: string }
    | { type: 'REASONING_START' | 'REASONING_END'; messageId: string }
    | { type: 'REASONING_MESSAGE_START' | 'REASONING_MESSAGE_END'; messageId: string }
    | { type: 'REASONING_MESSAGE_CONTENT'; messageId: string; delta: string }
    | { type: 'TOOL_CALL_START'; toolCallId: string; toolCallName: string; parentMessageId?: string }
    | { type: 'TOOL_CALL_ARGS'; toolCallId: string; delta: string }
    | { type: 'TOOL_CALL_END'; toolCallId: string }
    | { type: 'TOOL_CALL_RESULT'; toolCallId: string; messageId: string; content: string | readonly unknown[] }
    | CustomEvent
  )

/** True when nothing can follow this event in its run. */
export function isTerminal(event: RunEvent): boolean {
  return event.type === 'RUN_FINISHED' || event.type === 'RUN_ERROR'
}
