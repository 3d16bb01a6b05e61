/** The figures of an answer in one line: model, times, tokens, cost. */
import { Trans, useLingui } from '@lingui/react/macro'

import type { MessageTiming, MessageUsage } from '@/shared/api'

import { useNow } from '../../hooks/useNow'
import type { Answer } from '../../model/answer'
import { formatCost, formatCount, formatDuration, formatSeconds, isEstimated, modelName, totalTokens } from '../../model/format'

export function Cost({ usage }: { usage: MessageUsage }) {
  const { i18n } = useLingui()
  if (usage.cost_usd === null) return <Trans>unpriced</Trans>
  return formatCost(usage.cost_usd, i18n.locale, { estimated: isEstimated(usage) })
}

/** On a phone: model, total, cost. The rest is one tap away in the inspector. */
export function Facts({ answer }: { answer: Answer }) {
  const { timing, usage } = answer
  return (
    <>
      <ModelName model={answer.model} />
      {timing !== null && <Times timing={timing} />}
      {usage !== null && <Tokens usage={usage} />}
      {usage !== null && (
        <span className="flex-none">
          <Cost usage={usage} />
        </span>
      )}
    </>
  )
}

function ModelName({ model }: { model: string | null }) {
  return model === null ? null : <span className="truncate min-w-0 shrink">{modelName(model)}</span>
}

function Times({ timing }: { timing: MessageTiming }) {
  const { i18n } = useLingui()
  const first = timing.ttft_ms === null ? null : formatDuration(timing.ttft_ms, i18n.locale)
  const total = timing.total_ms === null ? null : formatDuration(timing.total_ms, i18n.locale)
  return (
    <>
      {first !== null && (
        <span className="flex-none max-md:hidden @max-lg:hidden">
          <Trans>first {first}</Trans>
        </span>
      )}
      {total !== null && (
        <span className="flex-none">
          <span className="max-md:hidden">
            <Trans>total {total}</Trans>
          </span>
          <span className="md:hidden">{total}</span>
        </span>
      )}
    </>
  )
}

function Tokens({ usage }: { usage: MessageUsage }) {
  const { i18n } = useLingui()
  const tokens = formatCount(totalTokens(usage), i18n.locale)
  return (
    <span className="flex-none max-md:hidden">
      <Trans>{tokens} tok</Trans>
    </span>
  )
}

/** While it is being made: model, seconds that count, cost so far. A pause stops the count. */
export function LiveFacts({ answer, isPaused }: { answer: Answer; isPaused: boolean }) {
  const { i18n } = useLingui()
  const now = useNow(answer.startedAt !== null && !isPaused)
  return (
    <>
      <ModelName model={answer.model} />
      {answer.status === 'queued' ? (
        <span className="flex-none">
          <Trans>waiting to start</Trans>
        </span>
      ) : (
        answer.startedAt !== null && <span className="flex-none">{formatSeconds(now - answer.startedAt, i18n.locale)}</span>
      )}
      {answer.usage !== null && (
        <span className="flex-none">
          <Cost usage={answer.usage} />
        </span>
      )}
    </>
  )
}
