/** When what happened: one bar per step. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'

import { Button, cx, Skeleton } from '@/shared/ui'

import { stepsQuery } from '../../api/runs'
import { useNow } from '../../hooks/useNow'
import type { Answer } from '../../model/answer'
import { formatDuration, modelName } from '../../model/format'
import { barsOf, type Bar, type BarKind } from '../../model/timeline'
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
  return (
    <ol className="-mx-2">
      {barsOf(steps, now).map((bar) => (
        <BarRow key={bar.id} bar={bar} />
      ))}
    </ol>
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
      <span className="relative h-2.5 min-w-0 flex-1">
        <span
          className={cx('absolute h-2.5 min-w-[3px] rounded-[3px]', isFailed ? 'bg-danger' : TONES[bar.kind], bar.isRunning && 'animate-breathe')}
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
