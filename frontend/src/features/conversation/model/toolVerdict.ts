/** How a tool call went, as the one word that its row shows. */
import type { ToolCallPart } from '@/shared/api'

type ToolVerdict = 'failed' | 'waiting' | 'invalid' | 'doubtful' | 'retried' | 'slow' | 'valid'

const SLOW_MS = 10_000

export function toolVerdict(part: ToolCallPart): ToolVerdict | null {
  if (part.status === 'failed') return isDeclined(part) ? null : 'failed'
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

/** A person did not let it run: nothing went wrong. */
export function isDeclined({ error }: ToolCallPart): boolean {
  return error?.code === 'runs.tool_rejected'
}

export function isSlow(durationMs: number | null): boolean {
  return (durationMs ?? 0) > SLOW_MS
}
