/** Six figures over all answers: three of now, three of the last day. */
import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'

import type { Overview } from '@/shared/api'
import { formatSpan } from '@/shared/lib/format'
import { cx } from '@/shared/ui'

export function RunFigures({ overview: { runs, queue } }: { overview: Overview }) {
  const { t, i18n } = useLingui()
  const longest = formatSpan(queue.oldest_seconds, i18n.locale)
  return (
    <dl className="grid grid-cols-3 gap-x-5 gap-y-6 max-md:gap-x-3">
      <Figure label={t`Being written`} count={runs.running} isLive={runs.running > 0} />
      <Figure label={t`In line`} count={runs.queued}>
        {queue.oldest_seconds >= 1 && <Trans>longest {longest}</Trans>}
      </Figure>
      <Figure label={t`Waiting for a person`} count={runs.interrupted} />
      <Figure label={t`Finished`} count={runs.finished_24h}>
        <Trans>last 24 hours</Trans>
      </Figure>
      <Figure label={t`Failed`} count={runs.failed_24h} isBad={runs.failed_24h > 0}>
        <Trans>last 24 hours</Trans>
      </Figure>
      <Figure label={t`Stopped`} count={runs.cancelled_24h}>
        <Trans>last 24 hours</Trans>
      </Figure>
    </dl>
  )
}

interface FigureProps {
  label: string
  count: number
  isLive?: boolean
  isBad?: boolean
  children?: ReactNode
}

function Figure({ label, count, isLive = false, isBad = false, children }: FigureProps) {
  const { i18n } = useLingui()
  return (
    <div className={cx('flex min-w-0 flex-col border-t-2 pt-2', isLive ? 'border-accent' : 'border-line')}>
      <dt className="order-2 text-row text-ink-2">
        {label}
        {children && <span className="block text-ink-3">{children}</span>}
      </dt>
      <dd className={cx('order-1 text-title', isBad && 'text-danger')}>{new Intl.NumberFormat(i18n.locale).format(count)}</dd>
    </div>
  )
}
