/** What the next question will roughly take, said before it is sent. */
import type { Context, MessageUsage, Price } from '@/shared/api'

import { usedTokens } from './context'

const CHARACTERS_PER_TOKEN = 4
const TYPICAL_ANSWER = 400

function draftTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN)
}

export interface Estimate {
  /** Share of the model's window that the next prompt fills. */
  share: number
  /** US dollars; null where the model has no price. */
  cost: number | null
}

interface EstimateFrom {
  draft: string
  context: Context | null
  lastUsage: MessageUsage | null
  window: number
  price: Price | null
}

/** The last prompt, the last answer and the draft together make the next prompt; the next answer is taken to be like the last. */
export function estimateNext({ draft, context, lastUsage, window, price }: EstimateFrom): Estimate {
  const answer = lastUsage?.output_tokens ?? TYPICAL_ANSWER
  const known = context === null ? 0 : usedTokens(context) + (lastUsage?.output_tokens ?? 0)
  const prompt = known + draftTokens(draft)
  const size = context?.window ?? window
  return { share: size > 0 ? Math.min(1, prompt / size) : 0, cost: price === null ? null : costOf(prompt, answer, price) }
}

function costOf(input: number, output: number, price: Price): number {
  return (input * Number(price.input_per_million) + output * Number(price.output_per_million)) / 1_000_000
}
