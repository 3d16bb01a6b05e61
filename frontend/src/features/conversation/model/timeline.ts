/** The steps of an answer as bars on one line of time. */
import type { Step } from '@/shared/api'

import { isSlow } from './toolVerdict'

/** A node of the graph that only passes on is no step of its own. */
const LEAST_NODE_MS = 5
/** What is over sooner is not worth a line. */
export const BRIEF_MS = 50

export type TimedStep = Pick<Step, 'id' | 'parent_id' | 'kind' | 'name' | 'status' | 'started_at' | 'duration_ms' | 'data'>

export type BarKind = 'node' | 'reason' | 'answer' | 'tool' | 'wait'

export interface Bar {
  id: string
  kind: BarKind
  name: string
  status: string
  /** Share of the whole line, 0 to 1. */
  from: number
  length: number
  ms: number
  isRunning: boolean
  isSlow: boolean
  toolCallId: string | null
}

export interface Timeline {
  /** In the order of their beginning. */
  bars: readonly Bar[]
  /** How many of them are over before one sees them. */
  briefCount: number
}

/** What has parts of its own is told by its parts. `now` ends what still runs. */
export function timelineOf(steps: readonly TimedStep[], now: number): Timeline {
  const bars = barsOf(steps, now)
  const briefCount = bars.filter(isBrief).length
  // Where everything is brief, that is what there is to see.
  return { bars, briefCount: briefCount === bars.length ? 0 : briefCount }
}

/** Done well, and done in no time. */
export function isBrief({ status, isRunning, ms }: Bar): boolean {
  return status === 'done' && !isRunning && ms < BRIEF_MS
}

function barsOf(steps: readonly TimedStep[], now: number): Bar[] {
  const parents = new Set(steps.map((step) => step.parent_id))
  const leaves = steps.filter((step) => !parents.has(step.id) && step.status !== 'discarded' && !isNothing(step))
  const timed = leaves.map((step) => ({ step, start: Date.parse(step.started_at), ms: lengthOf(step, now) }))
  const begin = Math.min(...timed.map(({ start }) => start))
  const span = Math.max(1, Math.max(...timed.map(({ start, ms }) => start + ms)) - begin)
  const lastModel = leaves.findLast((step) => step.kind === 'model')
  return timed
    .toSorted((a, b) => a.start - b.start)
    .map(({ step, start, ms }) => ({
      id: step.id,
      kind: step.kind === 'model' ? (step === lastModel ? 'answer' : 'reason') : step.kind,
      name: step.name,
      status: step.status,
      from: (start - begin) / span,
      length: ms / span,
      ms,
      isRunning: step.duration_ms === null && step.status === 'running',
      // A model that streams for minutes is at work; only a tool keeps others waiting.
      isSlow: step.kind === 'tool' && isSlow(ms),
      toolCallId: typeof step.data.tool_call_id === 'string' ? step.data.tool_call_id : null,
    }))
}

function isNothing(step: TimedStep): boolean {
  return step.kind === 'node' && step.status === 'done' && (step.duration_ms ?? 0) < LEAST_NODE_MS
}

function lengthOf(step: TimedStep, now: number): number {
  if (step.duration_ms !== null) return step.duration_ms
  return step.status === 'running' ? Math.max(0, now - Date.parse(step.started_at)) : 0
}
