/** The processes that work: where, since when, how many answers each writes, and whether it still says that it lives. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'

import type { Worker } from '@/shared/api'
import { formatAgo, formatSpan } from '@/shared/lib/format'
import { cx, EmptyState } from '@/shared/ui'

/** A worker shows itself every five seconds; its answers are taken over after fifteen. */
const SILENT_SECONDS = 15

export function WorkerList({ workers }: { workers: Worker[] }) {
  if (workers.length === 0) {
    return (
      <EmptyState>
        <Trans>
          Nobody works here, so questions wait. Start <code>coda worker</code> with the same settings as this server.
        </Trans>
      </EmptyState>
    )
  }
  return (
    <ul className="divide-y divide-line border-y border-line">
      {workers.map((worker) => (
        <WorkerRow key={worker.id} worker={worker} />
      ))}
    </ul>
  )
}

function WorkerRow({ worker }: { worker: Worker }) {
  const { t, i18n } = useLingui()
  const { host, pid, version, runs } = worker
  const since = formatAgo(worker.started_at, i18n.locale)
  return (
    <li className="flex min-h-14 items-center gap-x-4 py-2">
      <div className="min-w-0 flex-1">
        <p className="truncate text-ui font-medium">{host}</p>
        <p className="text-row text-ink-3">{[t`process ${pid}`, version, t`started ${since}`].join(' · ')}</p>
      </div>
      <div className="flex flex-none items-center justify-end text-row max-md:flex-col max-md:items-end">
        <Heartbeat seconds={worker.silent_seconds} />
        <p className="w-24 text-right text-ink-2">
          <Plural value={runs} one="# answer" other="# answers" />
        </p>
      </div>
    </li>
  )
}

function Heartbeat({ seconds }: { seconds: number }) {
  const { t, i18n } = useLingui()
  const span = formatSpan(seconds, i18n.locale)
  const isSilent = seconds > SILENT_SECONDS
  return (
    <p className={cx('flex items-center gap-1.5 whitespace-nowrap', isSilent ? 'text-warn' : 'text-ink-2')}>
      <svg aria-hidden viewBox="0 0 8 8" className={cx('size-2 flex-none', !isSilent && 'text-ok')} fill="none" stroke="currentColor" strokeWidth="1.5">
        <circle cx="4" cy="4" r="3" fill={isSilent ? undefined : 'currentColor'} />
      </svg>
      {isSilent ? t`silent for ${span}` : t`alive`}
    </p>
  )
}
