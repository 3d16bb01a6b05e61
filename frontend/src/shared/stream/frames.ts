/** What travels over the socket, and how an incoming text becomes events and control frames. */
import type { MessageRead, Run, StartedRun, ToolDecision } from '@/shared/api'
import { isRecord } from '@/shared/lib/records'

import type { RunEvent } from './events'

/** What a question says and shows. */
export type QuestionContent = string | ({ type: 'text'; text: string } | { type: 'file'; file_id: string; alt?: string })[]

export interface StartRequest {
  session_id: string
  run_id: string
  message?: { id: string; content: QuestionContent }
  parent_id?: string | null
  regenerate?: string
  model?: string
  params?: Record<string, unknown>
}

/** Something that a run is told. The same once more changes nothing, so it can be sent again over a lost connection. */
export type RunCommand = { run_id: string } & (
  | { op: 'pause' | 'resume' | 'continue' | 'remove' }
  | { op: 'edit'; content: QuestionContent }
  | { op: 'steer'; id: string; content: string }
  | { op: 'approve'; decisions: readonly ToolDecision[] }
)

/** A request that is remembered until the server has answered it. */
export type LastingRequest = ({ op: 'start' } & StartRequest) | RunCommand

export type ClientFrame =
  | (LastingRequest & { ref: string })
  | { op: 'attach'; ref: string; run_id: string; after: number }
  | { op: 'detach'; ref: string; run_id: string }
  | { op: 'cancel'; ref: string; run_id: string }
  | { op: 'ping'; ref: string }

export interface AckFrame {
  op: 'ack'
  ref: string
  /** The run that was started or told something. */
  run?: Run
}

export type StartAck = AckFrame & StartedRun

/** `message`: the question that was edited. */
export type CommandAck = AckFrame & { run: Run; message?: MessageRead | null }

export interface ErrorFrame {
  op: 'error'
  ref?: string
  /** A run that the server has detached by itself: it may no longer be read. */
  run_id?: string
  error: { code: string; message: string; details?: Record<string, unknown> }
}

export interface Note {
  topic: string
  id: string
  change: string
}

export type ControlFrame = AckFrame | ErrorFrame | { op: 'pong'; ref?: string } | ({ op: 'note' } & Note)

export interface ParsedFrame {
  events: RunEvent[]
  controls: ControlFrame[]
}

/** What the server reads at most of one frame: more closes the socket for all that goes over it. */
const MOST_CHARACTERS = 512 * 1024
const MOST_BYTES = 1024 * 1024

/** A frame that must not be sent. Few are long enough to be measured. */
export function isTooLarge(frame: ClientFrame): boolean {
  const text = JSON.stringify(frame)
  return text.length > MOST_CHARACTERS || (text.length * 3 > MOST_BYTES && new TextEncoder().encode(text).length > MOST_BYTES)
}

const CONTROL_OPS = new Set(['ack', 'error', 'pong', 'note'])

/** Sort one incoming text into events and control frames; what cannot be understood is left out. */
export function parseFrame(text: string): ParsedFrame {
  const parsed: ParsedFrame = { events: [], controls: [] }
  const value = parseJson(text)
  for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) sortItem(item, parsed)
  return parsed
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function sortItem(item: unknown, parsed: ParsedFrame): void {
  if (!isRecord(item)) return
  if (typeof item.op === 'string') {
    if (isControl(item)) parsed.controls.push(item)
  } else if (isRunEvent(item)) {
    parsed.events.push(item)
  }
}

function isControl(item: Record<string, unknown>): item is Record<string, unknown> & ControlFrame {
  return CONTROL_OPS.has(item.op as string) && (item.op !== 'error' || isRecord(item.error))
}

function isRunEvent(item: Record<string, unknown>): item is Record<string, unknown> & RunEvent {
  if (typeof item.type !== 'string' || !isRecord(item.metadata)) return false
  const coda = item.metadata.coda
  return isRecord(coda) && typeof coda.seq === 'number' && typeof coda.run_id === 'string'
}
