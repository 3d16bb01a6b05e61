/** What the next question will roughly take, said before it is sent. */
import type { Context, MessageUsage, Price } from '@/shared/api'

import { windowUse, type WindowUse } from './context'

const TYPICAL_ANSWER = 400

export interface Estimate {
  use: WindowUse
  /** US dollars; null where the model has no price. */
  cost: number | null
}

interface EstimateFrom {
  draft: string
  context: Context | null
  lastUsage: MessageUsage | null
  window: number | null
  price: Price | null
}

/** The next answer is taken to be like the last. */
export function estimateNext({ draft, context, lastUsage, window, price }: EstimateFrom): Estimate {
  const use = windowUse({ context, usage: lastUsage, draft, window })
  return { use, cost: price === null ? null : costOf(use.tokens, lastUsage?.output_tokens ?? TYPICAL_ANSWER, price) }
}

function costOf(input: number, output: number, price: Price): number {
  return (input * Number(price.input_per_million) + output * Number(price.output_per_million)) / 1_000_000
}
