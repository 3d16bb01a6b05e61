/** Groups the parts of an answer into what the rail shows: rows of work, text, marks. */
import type { AnswerPart } from './answer'
import type { Part } from './message'

export type Section =
  | { kind: 'steps'; key: string; steps: AnswerPart[] }
  | { kind: 'text'; key: string; part: AnswerPart }
  | { kind: 'notice'; key: string; part: AnswerPart }
  | { kind: 'steer'; key: string; part: AnswerPart }

const FOLD_OVER = 4
/** While work goes on, the newest finished rows stay in sight, so that folding never shortens the answer. */
const KEPT_LIVE = 3

export function sectionsOf(parts: readonly AnswerPart[]): Section[] {
  const sections: Section[] = []
  for (const part of parts) {
    const { type } = part.part
    if (isWork(part.part)) addStep(sections, part)
    else if (type === 'text' || type === 'notice' || type === 'steer') sections.push({ kind: type, key: part.key, part })
  }
  return sections
}

/** Reasoning and tool calls: what stands on the rail above the words. */
export function isWork({ type }: Part): boolean {
  return type === 'reasoning' || type === 'tool_call'
}

function addStep(sections: Section[], step: AnswerPart): void {
  const last = sections.at(-1)
  if (last?.kind === 'steps') last.steps.push(step)
  else sections.push({ kind: 'steps', key: step.key, steps: [step] })
}

/** More than four finished steps fold into one row; what is open or needs an eye is never folded away. */
export function foldSteps(steps: readonly AnswerPart[], isLive: boolean): { folded: AnswerPart[]; shown: AnswerPart[] } {
  const firstOpen = steps.findIndex((step) => step.isOpen || isWaiting(step))
  const finished = firstOpen === -1 ? steps.length : firstOpen
  if (finished <= FOLD_OVER) return { folded: [], shown: [...steps] }
  const cut = isLive ? finished - KEPT_LIVE : finished
  return { folded: steps.slice(0, cut), shown: steps.slice(cut) }
}

function isWaiting({ part }: AnswerPart): boolean {
  return part.type === 'tool_call' && part.status === 'waiting'
}

export function stepDuration({ part }: AnswerPart): number {
  return part.type === 'reasoning' || part.type === 'tool_call' ? (part.duration_ms ?? 0) : 0
}

/** The first words of a thought: a heading the model gave it, else its first sentence. */
export function thoughtSummary(text: string): string {
  const first = text.trimStart().split('\n', 1)[0] ?? ''
  const heading = /^(?:#{1,6}\s+(.+)|\*\*(.+?)\*\*)\s*$/.exec(first)
  const words = heading?.[1] ?? heading?.[2] ?? firstSentence(first)
  return words.replace(/[*_`]/g, '').replace(/[.:]$/, '').trim()
}

function firstSentence(line: string): string {
  const end = /[.!?](?=\s|$)/.exec(line)
  return end === null ? line : line.slice(0, end.index)
}
