/** How a tool call went, as the one word that its row shows. */
import type { ToolCallPart } from '@/shared/api'

type ToolVerdict = 'failed' | 'waiting' | 'invalid' | 'doubtful' | 'retried' | 'slow' | 'valid'

const SLOW_MS = 10_000

export function toolVerdict(part: ToolCallPart): ToolVerdict | null {
  if (part.status === 'failed') return endedByPerson(part) === null ? 'failed' : null
  if (part.status === 'waiting') return 'waiting'
  return verdictOn(part)
}

function verdictOn(part: ToolCallPart): ToolVerdict | null {
  const { verdict, attempts = 1 } = part.evaluation ?? {}
  if (verdict === 'failed') return 'invalid'
  if (verdict === 'doubtful') return 'doubtful'
  if (attempts > 1) return 'retried'
  if (isSlow(part.duration_ms)) return 'slow'
  return verdict === 'ok' ? 'valid' : null
}

/** A person did not let it run, or stopped the answer before it was through: nothing went wrong. */
export function endedByPerson({ error }: ToolCallPart): 'declined' | 'stopped' | null {
  if (error?.code === 'runs.tool_rejected') return 'declined'
  return error?.code === 'runs.stopped' ? 'stopped' : null
}

export function isSlow(durationMs: number | null): boolean {
  return (durationMs ?? 0) > SLOW_MS
}
