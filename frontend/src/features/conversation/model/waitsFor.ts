/** Whom an answer waits for that has tool calls open: its person decides on them, or the program that asked makes them. */
import type { Run } from '@/shared/api'

import type { RunState } from './runState'

const PROGRAM = 'client_tool'

/** `unknown` until the run has been read: nobody is asked for a decision that may not be theirs. */
export type WaitsFor = 'person' | 'program' | 'unknown'

export function waitsFor(run: RunState | null, serverRun: Run | null): WaitsFor {
  const told = run?.interrupts[0] ?? serverRun?.interrupts?.[0]
  if (told === undefined) return serverRun === null ? 'unknown' : 'person'
  return told.reason === PROGRAM ? 'program' : 'person'
}
