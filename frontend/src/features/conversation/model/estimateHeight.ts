/** How high a message will roughly be, before it is laid out: the better the guess, the calmer the scrolling. */
import type { Message, Part } from './message'

const CHARACTERS_PER_LINE = 74
const LINE = 26
const BLOCK_GAP = 12
const STEP = 32
const MOST_STEPS = 4
const QUESTION_FRAME = 42
const ANSWER_FRAME = 80
const LONGEST_QUESTION = 340

const heights = new WeakMap<Message, number>()

/** Remembered per message: an unchanged message is an unchanged object. */
export function estimateHeight(message: Message): number {
  const known = heights.get(message)
  if (known !== undefined) return known
  const height = message.role === 'user' ? questionHeight(message) : answerHeight(message)
  heights.set(message, height)
  return height
}

function questionHeight({ content }: Message): number {
  const text = content.reduce((sum, part) => sum + textHeight(part, 0), 0)
  return Math.min(LONGEST_QUESTION, text) + QUESTION_FRAME
}

function answerHeight({ content }: Message): number {
  const steps = content.filter(({ type }) => type !== 'text').length
  const text = content.reduce((sum, part) => sum + textHeight(part, BLOCK_GAP), 0)
  return (steps > MOST_STEPS ? STEP : steps * STEP) + text + ANSWER_FRAME
}

function textHeight(part: Part, blockGap: number): number {
  if (part.type !== 'text') return 0
  return part.text.split('\n').reduce((sum, line) => sum + (line === '' ? blockGap : lineHeight(line)), 0)
}

function lineHeight(line: string): number {
  return Math.max(1, Math.ceil(line.length / CHARACTERS_PER_LINE)) * LINE
}
