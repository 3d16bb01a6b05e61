/** Questions that wait for the answer above them: what of a path is shown as conversation, and what as the queue behind it. */
import { isPending, type Message } from './message'
import { isUnfinished } from './status'

/** A question that nobody has begun to answer, with its empty answer. */
export interface QueuedQuestion {
  question: Message
  answer: Message
}

export interface QueuedPath {
  shown: readonly Message[]
  waiting: readonly QueuedQuestion[]
}

/** What the server says of the one run whose place the path alone does not tell. */
interface Verdict {
  runId: string
  isHeld: boolean
}

export function splitQueue(path: readonly Message[], verdict: Verdict | null = null): QueuedPath {
  const start = path.findIndex((_, index) => waitsAt(path, index, verdict))
  if (start === -1) return { shown: path, waiting: [] }
  return { shown: path.slice(0, start), waiting: pairs(path.slice(start)) }
}

/** The first question that nobody has begun and that waits for no answer: it goes out, or is held for the person. */
export function undecidedRun(path: readonly Message[]): string | null {
  const index = path.findIndex((_, at) => isUnbegun(path, at) && above(path, at) !== 'going-on')
  const answer = path[index + 1]
  return index === -1 || answer === undefined || isPending(answer) ? null : answer.run_id
}

/** Held for the person: the answer above is over, and nothing goes out by itself. */
export function isHeld({ shown, waiting }: QueuedPath): boolean {
  const last = shown.at(-1)
  return waiting.length > 0 && last?.role === 'assistant' && !isUnfinished(last.status)
}

/** A question at this place is in the queue: everything after it stands behind it. */
function waitsAt(path: readonly Message[], index: number, verdict: Verdict | null): boolean {
  const answer = path[index + 1]
  if (answer === undefined || !isUnbegun(path, index)) return false
  const kind = above(path, index)
  if (kind === 'going-on') return true
  if (isPending(answer) || kind === null) return false
  // Until the server has said it: what stands under a bad end is held, what stands under a good one goes out.
  return verdict?.runId === answer.run_id ? verdict.isHeld : kind === 'ended-badly'
}

function isUnbegun(path: readonly Message[], index: number): boolean {
  const question = path[index]
  const answer = path[index + 1]
  return question?.role === 'user' && answer?.role === 'assistant' && answer.status === 'queued' && answer.content.length === 0
}

function above(path: readonly Message[], index: number): 'going-on' | 'ended-well' | 'ended-badly' | null {
  const answer = path[index - 1]
  if (answer?.role !== 'assistant') return null
  if (answer.status === 'complete') return 'ended-well'
  return isUnfinished(answer.status) ? 'going-on' : 'ended-badly'
}

function pairs(messages: readonly Message[]): QueuedQuestion[] {
  return messages.flatMap((question, index) => {
    const answer = messages[index + 1]
    return question.role === 'user' && answer !== undefined ? [{ question, answer }] : []
  })
}
