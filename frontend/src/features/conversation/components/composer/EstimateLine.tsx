/** "Context 18 % · about $0.004": what the next question will roughly take. */
import { Trans, useLingui } from '@lingui/react/macro'

import { useEstimate } from '../../hooks/useEstimate'
import { formatCost, formatPercent } from '../../model/format'
import type { Message } from '../../model/message'

interface EstimateLineProps {
  draft: string
  model: string | null
  /** The answer before, whose prompt the next one builds on. */
  lastAnswer: Message | null
}

export function EstimateLine({ draft, model, lastAnswer }: EstimateLineProps) {
  const { i18n } = useLingui()
  const estimate = useEstimate(draft, model, lastAnswer)
  if (estimate === null) return null
  const { share } = estimate
  // An empty chat fills next to nothing, and saying so helps nobody.
  if (share < 0.005 && draft === '') return null
  const percent = share < 0.01 ? `< ${formatPercent(0.01, i18n.locale)}` : formatPercent(share, i18n.locale)
  if (estimate.cost === null || estimate.cost === 0) return <Trans>Context {percent}</Trans>
  const money = formatCost(estimate.cost, i18n.locale)
  return (
    <Trans>
      Context {percent} · about {money}
    </Trans>
  )
}
