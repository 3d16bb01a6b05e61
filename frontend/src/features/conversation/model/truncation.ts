/** Which answers were cut, and which of them can be written on: their limits count for the whole answer. */
import type { Answer } from './answer'

const LENGTH_LIMIT = 'runs.length_limit'
const LOOP_LIMITS: ReadonlySet<string> = new Set(['runs.step_limit', 'runs.tool_limit', 'runs.same_call_limit'])
const USED_UP: ReadonlySet<string> = new Set(['runs.timed_out', 'runs.cost_limit', 'runs.answer_too_long'])

type Ended = Pick<Answer, 'status' | 'parts'>

/** After these it would fail again. */
const FINAL_FAILURES: ReadonlySet<string> = new Set(['context.prompt_too_long', 'llm.context_window_exceeded', 'llm.content_refused'])

/** Stopped by a person, failed after something had come of it, or ended by a limit that lets it go on. */
export function isCut(answer: Ended): boolean {
  const { status } = answer
  if (isUsedUp(answer)) return false
  if (status === 'stopped') return true
  const codes = noticesOf(answer)
  if (status === 'failed') return isBegun(answer) && !codes.some((code) => code !== null && FINAL_FAILURES.has(code))
  if (status !== 'complete') return false
  // An answer that went on behind this limit has reached its end since.
  return codes.at(-1) === LENGTH_LIMIT || codes.some((code) => code !== null && LOOP_LIMITS.has(code))
}

/** Without what says that it was cut, once it has gone on, or goes on now. */
export function withoutPassedCuts({ status, parts }: Ended): Answer['parts'] {
  const isGoingOn = status === 'queued' || status === 'streaming'
  return parts.filter(({ part }, index) => part.type !== 'notice' || part.code !== LENGTH_LIMIT || (index === parts.length - 1 && !isGoingOn))
}

/** It has had all the time, money or length that one answer may have: only a new one has more. */
export function isUsedUp(answer: Ended): boolean {
  return noticesOf(answer).some((code) => code !== null && USED_UP.has(code))
}

/** Something was said, or done by a tool. */
function isBegun({ parts }: Ended): boolean {
  return parts.some(({ part }) => part.type === 'text' || (part.type === 'tool_call' && part.status === 'done'))
}

function noticesOf({ parts }: Ended): (string | null)[] {
  return parts.map(({ part }) => (part.type === 'notice' ? part.code : null))
}
