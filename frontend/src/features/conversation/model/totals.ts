/** Sums over the answers of a conversation. */
import type { Message } from './message'

export interface Totals {
  answers: number
  inputTokens: number
  outputTokens: number
  /** US dollars of all priced answers; null where none has a price. */
  cost: number | null
  /** Answers whose price is not known: the sum lacks them. */
  unpriced: number
  isEstimated: boolean
}

export function totalsOf(path: readonly Message[]): Totals {
  const totals: Totals = { answers: 0, inputTokens: 0, outputTokens: 0, cost: null, unpriced: 0, isEstimated: false }
  for (const { role, usage } of path) {
    if (role !== 'assistant' || usage === null) continue
    totals.answers += 1
    totals.inputTokens += usage.input_tokens
    totals.outputTokens += usage.output_tokens
    totals.isEstimated ||= usage.confidence === 'estimated'
    if (usage.cost_usd === null) totals.unpriced += 1
    else totals.cost = (totals.cost ?? 0) + Number(usage.cost_usd)
  }
  return totals
}
