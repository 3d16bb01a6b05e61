/** A stretch of the model's thinking: a sentence and its seconds, the whole text on demand. */
import { Trans, useLingui } from '@lingui/react/macro'

import type { ReasoningPart } from '@/shared/api'
import { Markdown } from '@/shared/markdown'

import { useNow } from '../../hooks/useNow'
import type { AnswerPart } from '../../model/answer'
import { formatDuration, formatSeconds } from '../../model/format'
import { thoughtSummary } from '../../model/steps'
import { StepRow } from './StepRow'

export function ReasoningRow({ step, part }: { step: AnswerPart; part: ReasoningPart }) {
  const { i18n } = useLingui()
  const now = useNow(step.isOpen)
  const summary = thoughtSummary(part.text)
  const time = step.isOpen
    ? formatSeconds(now - step.startedAt, i18n.locale)
    : part.duration_ms == null
      ? null
      : formatDuration(part.duration_ms, i18n.locale)
  return (
    <StepRow
      mark="reason"
      isLive={step.isOpen}
      stepKey={step.key}
      words={step.isOpen ? <Trans>Thinking</Trans> : <Trans>Thought</Trans>}
      detail={summary === '' ? undefined : summary}
      time={time}
    >
      {() => <Thought text={part.text} isLive={step.isOpen} />}
    </StepRow>
  )
}

function Thought({ text, isLive }: { text: string; isLive: boolean }) {
  const { t } = useLingui()
  return (
    // A long thought scrolls within its row, and must do so by keyboard too.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above
    <div role="region" aria-label={t`Reasoning`} tabIndex={0} className="prose-thought max-h-80 max-w-(--prose) overflow-y-auto">
      <Markdown text={text} isLive={isLive} />
    </div>
  )
}
