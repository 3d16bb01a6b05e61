/** A tool call: what it did, its name, its seconds, and a word on how it went. */
import { Trans, useLingui } from '@lingui/react/macro'
import { Check } from 'lucide-react'

import type { ToolCallPart } from '@/shared/api'
import { Badge, cx } from '@/shared/ui'

import { useNow } from '../../hooks/useNow'
import type { AnswerPart } from '../../model/answer'
import { formatDuration, formatSeconds } from '../../model/format'
import { isDeclined, toolVerdict } from '../../model/toolVerdict'
import type { MarkKind } from './Mark'
import { StepRow } from './StepRow'
import { ToolDetails } from './ToolDetails'
import { useToolWords } from './toolWords'

export function ToolRow({ step, part }: { step: AnswerPart; part: ToolCallPart }) {
  const { t, i18n } = useLingui()
  const errorText = useToolWords()
  const hasRun = !isDeclined(part)
  const isRunning = part.status === 'running' && step.isOpen
  const now = useNow(isRunning)
  const time = isRunning ? formatSeconds(now - step.startedAt, i18n.locale) : timeOf(part, i18n.locale)
  return (
    <StepRow
      mark={markOf(part)}
      isLive={isRunning}
      stepKey={`tool:${part.id}`}
      words={hasRun ? errorText(part.name, isRunning) : t`Declined`}
      detail={<code className={cx('font-mono text-row', hasRun && 'max-md:hidden')}>{part.name}</code>}
      time={time}
      verdict={<Verdict part={part} />}
    >
      {() => <ToolDetails part={part} />}
    </StepRow>
  )
}

function markOf(part: ToolCallPart): MarkKind {
  if (isDeclined(part)) return 'stopped'
  if (part.status === 'failed') return 'failed'
  return part.status === 'waiting' ? 'wait' : 'tool'
}

/** What was declined took no time. */
function timeOf(part: ToolCallPart, locale: string): string | null {
  return part.duration_ms === null || isDeclined(part) ? null : formatDuration(part.duration_ms, locale)
}

const BADGES = {
  failed: { tone: 'danger', text: <Trans>failed</Trans> },
  waiting: { tone: 'warn', text: <Trans>waits for you</Trans> },
  invalid: { tone: 'danger', text: <Trans>invalid</Trans> },
  doubtful: { tone: 'warn', text: <Trans>doubtful</Trans> },
  slow: { tone: 'warn', text: <Trans>slow</Trans> },
} as const

/** Quiet where all went well; colour only for what needs an eye. */
export function Verdict({ part }: { part: ToolCallPart }) {
  const verdict = toolVerdict(part)
  const attempts = part.evaluation?.attempts ?? 1
  if (verdict === null) return null
  if (verdict === 'valid') {
    return (
      <span className="flex flex-none items-center gap-1 text-row text-ink-3">
        <Check aria-hidden className="size-3.5! text-ok" />
        <Trans>valid</Trans>
      </span>
    )
  }
  if (verdict === 'retried') {
    return (
      <Badge tone="warn">
        <Trans>took {attempts} tries</Trans>
      </Badge>
    )
  }
  const { tone, text } = BADGES[verdict]
  return <Badge tone={tone}>{text}</Badge>
}
