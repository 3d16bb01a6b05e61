/** A tool call: what it did, its name, its seconds, and a word on how it went. */
import { Trans, useLingui } from '@lingui/react/macro'
import { Check } from 'lucide-react'
import { lazy, Suspense, useEffect } from 'react'

import type { ToolCallPart } from '@/shared/api'
import { Badge, cx } from '@/shared/ui'

import { useNow } from '../../hooks/useNow'
import type { AnswerPart } from '../../model/answer'
import { formatDuration, formatSeconds } from '../../model/format'
import { endedByPerson, toolVerdict } from '../../model/toolVerdict'
import type { MarkKind } from './Mark'
import { StepRow } from './StepRow'
import { useToolWords } from './toolWords'

const loadDetails = async () => ({ default: (await import('./ToolDetails')).ToolDetails })
const ToolDetails = lazy(loadDetails)

export function ToolRow({ step, part }: { step: AnswerPart; part: ToolCallPart }) {
  const { t, i18n } = useLingui()
  const wordsOf = useToolWords()
  const end = endedByPerson(part)
  const isRunning = part.status === 'running' && step.isOpen
  const now = useNow(isRunning)
  // Here before the row is unfolded, and when the network is not.
  useEffect(() => void loadDetails().catch(() => undefined), [])
  const endWords = { none: wordsOf(part.name, isRunning), declined: t`Declined`, stopped: t({ message: 'Stopped', context: 'tool call' }) }
  const took = part.evaluation?.cached === true ? t({ message: 'cached', context: 'result of a tool' }) : timeOf(part, i18n.locale)
  const time = isRunning ? formatSeconds(now - step.startedAt, i18n.locale) : took
  return (
    <StepRow
      mark={markOf(part)}
      isLive={isRunning}
      stepKey={`tool:${part.id}`}
      words={step.isLeftToProgram === true ? t`Waiting for the program that asked` : endWords[end ?? 'none']}
      detail={<code className={cx('font-mono text-row', end === null && 'max-md:hidden')}>{part.name}</code>}
      time={time}
      verdict={step.isLeftToProgram === true ? null : <Verdict part={part} />}
    >
      {() => (
        <Suspense fallback={null}>
          <ToolDetails part={part} />
        </Suspense>
      )}
    </StepRow>
  )
}

function markOf(part: ToolCallPart): MarkKind {
  if (endedByPerson(part) !== null) return 'stopped'
  if (part.status === 'failed') return 'failed'
  return part.status === 'waiting' ? 'wait' : 'tool'
}

/** What a person ended took no time worth telling. */
function timeOf(part: ToolCallPart, locale: string): string | null {
  return part.duration_ms === null || endedByPerson(part) !== null ? null : formatDuration(part.duration_ms, locale)
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
