/** Questions that wait for the answer above them: what of a path is shown as conversation, and what as the line before it. */
import { isPending, type Message } from './message'

/** A question that nobody has begun to answer, with its empty answer. */
export interface Waiting {
  question: Message
  answer: Message
}

export interface Line {
  shown: readonly Message[]
  waiting: readonly Waiting[]
}

const GOES_ON: ReadonlySet<string> = new Set(['queued', 'streaming', 'waiting'])

/** `letGo`: a run under an answer that did not end well, which the server has let go all the same. */
export function lineOf(path: readonly Message[], letGo: string | null = null): Line {
  const start = path.findIndex((_, index) => waitsAt(path, index, letGo))
  if (start === -1) return { shown: path, waiting: [] }
  return { shown: path.slice(0, start), waiting: pairs(path.slice(start)) }
}

/** The run whose place only the server knows: its question stands under an answer that was stopped or failed. */
export function undecidedRun(path: readonly Message[]): string | null {
  const index = path.findIndex((_, at) => isUnbegun(path, at) && above(path, at) === 'ended')
  return path[index + 1]?.run_id ?? null
}

/** Held for the person: the answer above was stopped or failed, so nothing goes out by itself. */
export function isHeld({ shown, waiting }: Line): boolean {
  const last = shown.at(-1)
  return waiting.length > 0 && last?.role === 'assistant' && !GOES_ON.has(last.status)
}

/** A question at this place is in line: everything after it stands behind it. */
function waitsAt(path: readonly Message[], index: number, letGo: string | null): boolean {
  if (!isUnbegun(path, index)) return false
  const kind = above(path, index)
  if (kind === 'going-on') return true
  const answer = path[index + 1]
  return kind === 'ended' && answer?.run_id !== letGo && answer !== undefined && !isPending(answer)
}

function isUnbegun(path: readonly Message[], index: number): boolean {
  const question = path[index]
  const answer = path[index + 1]
  return question?.role === 'user' && answer?.role === 'assistant' && answer.status === 'queued' && answer.content.length === 0
}

function above(path: readonly Message[], index: number): 'going-on' | 'ended' | null {
  const answer = path[index - 1]
  if (answer?.role !== 'assistant' || answer.status === 'complete') return null
  return GOES_ON.has(answer.status) ? 'going-on' : 'ended'
}

function pairs(messages: readonly Message[]): Waiting[] {
  return messages.flatMap((question, index) => {
    const answer = messages[index + 1]
    return question.role === 'user' && answer !== undefined ? [{ question, answer }] : []
  })
}
