/** A tool call: what it did, its name, its seconds, and a word on how it went. */
import { Trans, useLingui } from '@lingui/react/macro'
import { Check } from 'lucide-react'

import { Badge } from '@/shared/ui'

import { useNow } from '../../hooks/useNow'
import type { AnswerPart } from '../../model/answer'
import { formatDuration, formatSeconds } from '../../model/format'
import type { ToolCallPart } from '../../model/message'
import { toolVerdict } from '../../model/toolVerdict'
import { StepRow } from './StepRow'
import { ToolDetails } from './ToolDetails'
import { useToolWords } from './toolWords'

export function ToolRow({ step, part }: { step: AnswerPart; part: ToolCallPart }) {
  const { i18n } = useLingui()
  const wordsOf = useToolWords()
  const isRunning = part.status === 'running' && step.isOpen
  const now = useNow(isRunning)
  const time = isRunning
    ? formatSeconds(now - step.startedAt, i18n.locale)
    : part.duration_ms === null
      ? null
      : formatDuration(part.duration_ms, i18n.locale)
  return (
    <StepRow
      mark={part.status === 'failed' ? 'failed' : part.status === 'waiting' ? 'wait' : 'tool'}
      isLive={isRunning}
      stepKey={`tool:${part.id}`}
      words={wordsOf(part.name, isRunning)}
      detail={<code className="font-mono text-row max-md:hidden">{part.name}</code>}
      time={time}
      verdict={<Verdict part={part} />}
    >
      {() => <ToolDetails part={part} />}
    </StepRow>
  )
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
