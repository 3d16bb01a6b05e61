/** "Context 18 % · about $0.004": what the next question will roughly take. */
import { Trans, useLingui } from '@lingui/react/macro'

import { useEstimate } from '../../hooks/useEstimate'
import type { WindowUse } from '../../model/context'
import { formatCost, formatCount, formatShare } from '../../model/format'
import type { Message } from '../../model/message'

interface EstimateLineProps {
  draft: string
  model: string | null
  /** The answer before, whose prompt the next one builds on. */
  lastAnswer: Message | null
}

/** An empty chat fills next to nothing, and saying so helps nobody. */
const LEAST_SHARE = 0.005

export function EstimateLine({ draft, model, lastAnswer }: EstimateLineProps) {
  const { i18n } = useLingui()
  const estimate = useEstimate(draft, model, lastAnswer)
  if (estimate === null) return null
  const { use, cost } = estimate
  if (draft === '' && (use.share ?? (use.tokens === 0 ? 0 : 1)) < LEAST_SHARE) return null
  if (cost === null || cost === 0) return <ContextUse use={use} />
  const money = formatCost(cost, i18n.locale)
  return (
    <>
      <ContextUse use={use} /> · <Trans>about {money}</Trans>
    </>
  )
}

function ContextUse({ use: { tokens, share } }: { use: WindowUse }) {
  const { i18n } = useLingui()
  if (share === null) {
    const count = formatCount(tokens, i18n.locale)
    return <Trans>Context {count} tokens, window unknown</Trans>
  }
  const percent = formatShare(share, i18n.locale)
  return <Trans>Context {percent}</Trans>
}
