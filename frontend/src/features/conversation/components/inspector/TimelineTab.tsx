/** When what happened: one bar per step. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { ChevronRight } from 'lucide-react'
import { useState } from 'react'

import { Button, cx, Skeleton } from '@/shared/ui'

import { stepsQuery } from '../../api/runs'
import { useNow } from '../../hooks/useNow'
import type { Answer } from '../../model/answer'
import { formatDuration, modelName } from '../../model/format'
import { BRIEF_MS, isBrief, timelineOf, type Bar, type BarKind, type TimedStep } from '../../model/timeline'
import { lightStep } from './lightStep'
import { Quiet } from './Section'

const TONES: Record<BarKind, string> = {
  node: cx('bg-ink-3'),
  reason: cx('bg-reason'),
  answer: cx('bg-accent'),
  tool: cx('bg-tool'),
  wait: cx('timeline-wait'),
}

export function TimelineTab({ answer }: { answer: Answer }) {
  const isLive = answer.status === 'queued' || answer.status === 'streaming'
  const revision = answer.parts.length + answer.parts.filter(({ isOpen }) => !isOpen).length + (isLive ? 0 : 1)
  const runId = answer.runId ?? ''
  const { data: steps, error, refetch } = useQuery({ ...stepsQuery(runId, revision), enabled: answer.runId !== null && !answer.id.startsWith('pending-') })
  const now = useNow(isLive)

  if (error !== null && steps === undefined) {
    return (
      <div className="space-y-3">
        <Quiet>
          <Trans>The steps could not be loaded.</Trans>
        </Quiet>
        <Button size="sm" onClick={() => void refetch()}>
          <Trans>Try again</Trans>
        </Button>
      </div>
    )
  }
  if (steps === undefined) return <StepsSkeleton />
  if (steps.length === 0) {
    return (
      <Quiet>
        <Trans>Nothing has happened yet.</Trans>
      </Quiet>
    )
  }
  return <Bars steps={steps} now={now} />
}

/** What is over before one sees it is counted, and shown on demand in its place. */
function Bars({ steps, now }: { steps: readonly TimedStep[]; now: number }) {
  const [isWhole, setWhole] = useState(false)
  const { bars, briefCount } = timelineOf(steps, now)
  const shown = isWhole || briefCount === 0 ? bars : bars.filter((bar) => !isBrief(bar))
  return (
    <div className="-mx-2">
      <ol>
        {shown.map((bar) => (
          <BarRow key={bar.id} bar={bar} />
        ))}
      </ol>
      {briefCount > 0 && (
        <button
          type="button"
          aria-expanded={isWhole}
          onClick={() => setWhole(!isWhole)}
          className="press flex min-h-7 items-center gap-1.5 rounded-control px-2 text-row text-ink-3 hover:bg-hover hover:text-ink max-md:min-h-11"
        >
          <Plural value={briefCount} one={`# step under ${BRIEF_MS} ms`} other={`# steps under ${BRIEF_MS} ms`} />
          <ChevronRight aria-hidden className={cx('size-3.5! transition-transform duration-(--fold-time)', isWhole && 'rotate-90')} />
        </button>
      )}
    </div>
  )
}

function BarRow({ bar }: { bar: Bar }) {
  const { t, i18n } = useLingui()
  const name = useStepName()(bar)
  const time = formatDuration(bar.ms, i18n.locale)
  const isFailed = bar.status === 'failed'
  return (
    <li
      aria-label={isFailed ? t`${name}, ${time}, failed` : t`${name}, ${time}`}
      onPointerEnter={() => lightStep(bar.toolCallId, true)}
      onPointerLeave={() => lightStep(bar.toolCallId, false)}
      className="flex h-[30px] items-center gap-3 rounded-control px-2 text-row hover:bg-hover"
    >
      <span className="w-[104px] flex-none fade-end text-ink-2">{name}</span>
      <span className="relative h-1.5 min-w-0 flex-1">
        <span
          className={cx('absolute h-1.5 min-w-[3px] rounded-[3px]', isFailed ? 'bg-danger' : TONES[bar.kind], bar.isRunning && 'animate-breathe')}
          style={{ left: `${String(bar.from * 100)}%`, width: `${String(bar.length * 100)}%` }}
        />
      </span>
      <span className={cx('w-16 flex-none text-right whitespace-nowrap', bar.isSlow ? 'font-medium text-warn' : isFailed ? 'text-danger' : 'text-ink-2')}>
        {bar.isSlow ? <Trans>{time} slow</Trans> : time}
      </span>
    </li>
  )
}

/** Steps are named as a person would: what is in the graph is nobody's business. */
function useStepName(): (bar: Bar) => string {
  const { t } = useLingui()
  const names: Partial<Record<string, string>> = {
    queue: t`queue`,
    prepare: t`prepare`,
    reason: t`reason`,
    approve: t`approve`,
    act: t`act`,
    evaluate: t`evaluate`,
    synthesize: t`finish`,
  }
  return ({ kind, name }) => {
    if (kind === 'reason') return t`reason`
    if (kind === 'answer') return t`answer`
    const base = name.split('#')[0] ?? name
    return kind === 'tool' ? modelName(name) : (names[base] ?? base)
  }
}

function StepsSkeleton() {
  return (
    <div className="space-y-3">
      <Skeleton className="h-3 w-3/5" />
      <Skeleton className="h-3 w-4/5" />
      <Skeleton className="h-3 w-2/5" />
    </div>
  )
}
