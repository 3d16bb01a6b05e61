/** Which answers were cut, and which of them can be written on: their limits count for the whole answer. */
import type { Answer } from './answer'

const LENGTH_LIMIT = 'runs.length_limit'
const LOOP_LIMITS: ReadonlySet<string> = new Set(['runs.step_limit', 'runs.tool_limit', 'runs.same_call_limit'])
const USED_UP: ReadonlySet<string> = new Set(['runs.timed_out', 'runs.cost_limit', 'runs.answer_too_long'])

type Ended = Pick<Answer, 'status' | 'parts'>

/** Stopped by a person, or ended by a limit that lets it go on. */
export function isCut(answer: Ended): boolean {
  const { status } = answer
  if (isUsedUp(answer)) return false
  if (status === 'stopped') return true
  if (status !== 'complete') return false
  const codes = noticesOf(answer)
  // An answer that went on behind this limit has reached its end since.
  return codes.at(-1) === LENGTH_LIMIT || codes.some((code) => code !== null && LOOP_LIMITS.has(code))
}

/** It has had all the time, money or length that one answer may have: only a new one has more. */
export function isUsedUp(answer: Ended): boolean {
  return noticesOf(answer).some((code) => code !== null && USED_UP.has(code))
}

function noticesOf({ parts }: Ended): (string | null)[] {
  return parts.map(({ part }) => (part.type === 'notice' ? part.code : null))
}
