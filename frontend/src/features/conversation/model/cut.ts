/** Which answers were cut, so that they can be written on: stopped by a person, or ended by a limit. */
import type { Answer } from './answer'

const LENGTH_LIMIT = 'runs.length_limit'
const LOOP_LIMITS: ReadonlySet<string> = new Set(['runs.step_limit', 'runs.tool_limit', 'runs.same_call_limit'])

export function isCut({ status, parts }: Pick<Answer, 'status' | 'parts'>): boolean {
  if (status === 'stopped') return true
  if (status !== 'complete') return false
  const codes = parts.map(({ part }) => (part.type === 'notice' ? part.code : null))
  // An answer that went on behind this limit has reached its end since.
  return codes.at(-1) === LENGTH_LIMIT || codes.some((code) => code !== null && LOOP_LIMITS.has(code))
}
