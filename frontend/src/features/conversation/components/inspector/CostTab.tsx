/** What an answer cost and what its tokens were, and the sums of the conversation. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'

import type { SessionUsage, MessageUsage } from '@/shared/api'

import type { Answer } from '../../model/answer'
import { formatCost, formatCount, isEstimated } from '../../model/format'
import { Cost } from '../answer/Facts'
import { Quiet, Section, ShareRow } from './Section'

interface CostTabProps {
  answer: Answer
  /** Of the whole session. */
  total: SessionUsage | null
}

export function CostTab({ answer, total }: CostTabProps) {
  return (
    <>
      {answer.usage === null ? (
        <Quiet>
          <Trans>Nothing has been counted yet.</Trans>
        </Quiet>
      ) : (
        <OneAnswer usage={answer.usage} />
      )}
      {total !== null && total.calls > 0 && <Conversation total={total} />}
    </>
  )
}

function OneAnswer({ usage }: { usage: MessageUsage }) {
  const { i18n } = useLingui()
  const total = Math.max(1, usage.input_tokens + usage.output_tokens)
  const row = (label: React.ReactNode, tokens: number, tone: string) => (
    <ShareRow label={label} value={formatCount(tokens, i18n.locale)} share={tokens / total} tone={tone} />
  )
  return (
    <>
      <div>
        <p className="text-title text-ink">
          <Cost usage={usage} />
        </p>
        <Quiet>
          <Origin usage={usage} />
        </Quiet>
      </div>
      <Section title={<Trans>Tokens</Trans>}>
        {row(<Trans>Input, new</Trans>, usage.input_tokens - usage.cached_input_tokens, 'bg-accent')}
        {usage.cached_input_tokens > 0 && row(<Trans>Input, from the cache</Trans>, usage.cached_input_tokens, 'bg-accent/50')}
        {row(<Trans>Answer</Trans>, usage.output_tokens - usage.reasoning_tokens, 'bg-ok')}
        {usage.reasoning_tokens > 0 && row(<Trans>Reasoning</Trans>, usage.reasoning_tokens, 'bg-reason')}
      </Section>
    </>
  )
}

/** How sure the figure is. */
function Origin({ usage }: { usage: MessageUsage }) {
  if (usage.cost_usd === null) return <Trans>The price of this model is not known.</Trans>
  if (usage.confidence === 'provider-reported') return <Trans>As the provider reported it.</Trans>
  if (isEstimated(usage)) return <Trans>Estimated: the provider reported no tokens.</Trans>
  return <Trans>Reported tokens at the prices of our price book.</Trans>
}

function Conversation({ total }: { total: SessionUsage }) {
  const { i18n } = useLingui()
  const cost = total.cost_usd === null ? null : formatCost(total.cost_usd, i18n.locale, { estimated: isEstimated(total) })
  return (
    <Section title={<Trans>This conversation</Trans>}>
      <dl className="space-y-1 text-row [&>div]:flex [&>div]:justify-between [&_dt]:text-ink-2">
        <div>
          <dt>
            <Plural value={total.calls} one="# model call" other="# model calls" />
          </dt>
          <dd>{cost ?? <Trans>unpriced</Trans>}</dd>
        </div>
        <div>
          <dt>
            <Trans>Tokens in</Trans>
          </dt>
          <dd>{formatCount(total.input_tokens, i18n.locale)}</dd>
        </div>
        <div>
          <dt>
            <Trans>Tokens out</Trans>
          </dt>
          <dd>{formatCount(total.output_tokens, i18n.locale)}</dd>
        </div>
      </dl>
      {cost !== null && total.unpriced_calls > 0 && (
        <Quiet>
          <Plural value={total.unpriced_calls} one="Without # call whose price is not known." other="Without # calls whose price is not known." />
        </Quiet>
      )}
    </Section>
  )
}
