/** A message and its parts, as the API gives them and as the screen shows them. */

export interface Usage {
  input_tokens: number
  output_tokens: number
  reasoning_tokens: number
  cached_input_tokens: number
  cost_usd: string | null
  /** provider-reported, computed (reported tokens times our price book) or estimated. */
  confidence: string | null
}

export interface Timing {
  ttft_ms: number | null
  total_ms: number | null
}

export interface TextPart {
  type: 'text'
  text: string
}

export interface ReasoningPart {
  type: 'reasoning'
  text: string
  started_at?: string | null
  duration_ms?: number | null
}

export type ToolStatus = 'running' | 'waiting' | 'done' | 'failed'

export interface Evaluation {
  verdict: string
  reason?: string
  attempts?: number
}

export interface ToolError {
  code: string
  message: string
  details?: Record<string, unknown>
}

export interface ToolCallPart {
  type: 'tool_call'
  id: string
  name: string
  arguments: Record<string, unknown>
  /** What the model wrote, where it was not an object. */
  arguments_text?: string
  status: string
  result: unknown
  error: unknown
  duration_ms: number | null
  evaluation?: Evaluation | null
}

export interface NoticePart {
  type: 'notice'
  code: string
  message: string
  details: Record<string, unknown>
}

export interface SteerPart {
  type: 'steer'
  text: string
}

export type Part = TextPart | ReasoningPart | ToolCallPart | NoticePart | SteerPart

export type MessageStatus = 'queued' | 'streaming' | 'waiting' | 'complete' | 'stopped' | 'failed'

export interface Message {
  id: string
  session_id: string
  parent_id: string | null
  role: 'user' | 'assistant'
  content: Part[]
  status: MessageStatus
  model: string | null
  run_id: string | null
  created_at: string
  siblings: { index: number; count: number; ids: string[] }
  usage: Usage | null
  timing: Timing | null
  trace_id: string | null
  feedback?: { rating: string; reason?: string | null; text?: string | null } | null
}

const LIVE: ReadonlySet<MessageStatus> = new Set(['queued', 'streaming', 'waiting'])

export function isLive(message: Message): boolean {
  return message.role === 'assistant' && LIVE.has(message.status)
}

/** Stands for an answer that the server has not yet acked. */
export function isPending({ id }: Pick<Message, 'id'>): boolean {
  return id.startsWith('pending-')
}

/** The words of a message, without reasoning and tools. */
export function plainText(message: Pick<Message, 'content'>): string {
  return message.content
    .filter((part): part is TextPart => part.type === 'text')
    .map((part) => part.text)
    .join('\n\n')
}
