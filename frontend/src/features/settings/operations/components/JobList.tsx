/** Jobs in one state, newest first: what, since when, which try, what went wrong. */
import { Trans, useLingui } from '@lingui/react/macro'

import { type Job, type JobStatus, useMay } from '@/shared/api'
import { formatAgo, formatDateTime } from '@/shared/lib/format'
import { ProblemLine } from '@/shared/problems'
import { PagedList } from '@/shared/settings'
import { Button, EmptyState } from '@/shared/ui'

import { jobsQuery, useRetryJob } from '../api/operations'
import { JOB_NAMES } from '../model/jobNames'

export function JobList({ status }: { status: JobStatus }) {
  return (
    <PagedList query={jobsQuery(status)} keyOf={({ id }) => id} empty={<NoJobs status={status} />}>
      {(job) => <JobRow job={job} />}
    </PagedList>
  )
}

function NoJobs({ status }: { status: JobStatus }) {
  const { t } = useLingui()
  const words = {
    waiting: t`No job waits.`,
    running: t`No job is being done right now.`,
    failed: t`No job has failed.`,
    done: t`No job was done yet. The first clean-up comes within a minute.`,
  }
  return <EmptyState>{words[status]}</EmptyState>
}

function JobRow({ job }: { job: Job }) {
  const { t, i18n } = useLingui()
  const retry = useRetryJob()
  const mayRetry = useMay('instance:operate')
  const { name, tries } = job
  const does = JOB_NAMES[name]
  return (
    <li className="flex min-h-9 items-center gap-4 py-2">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2 text-ui">
          {does ? i18n._(does) : name}
          {does && <span className="font-mono text-row text-ink-3">{name}</span>}
        </p>
        {job.error && <p className="font-mono text-row break-words text-danger">{job.error}</p>}
        {retry.error && <ProblemLine error={retry.error} />}
      </div>
      <div className="flex flex-none items-center gap-4 text-row text-ink-3 max-md:flex-col max-md:items-end max-md:gap-1.5">
        <p className="flex gap-4 whitespace-nowrap max-md:gap-2">
          {tries > 1 && <span>{t`try ${tries}`}</span>}
          <time dateTime={job.changed_at} title={formatDateTime(job.changed_at, i18n.locale)}>
            <JobTime job={job} />
          </time>
        </p>
        {job.status === 'failed' && mayRetry && (
          <Button size="sm" className="text-ink" busy={retry.isPending} aria-label={t`Try again: ${name}`} onClick={() => retry.mutate(job.id)}>
            <Trans>Try again</Trans>
          </Button>
        )}
      </div>
    </li>
  )
}

/** When the job is due, else when its state began. */
function JobTime({ job }: { job: Job }) {
  const { t, i18n } = useLingui()
  const isLater = job.status === 'waiting' && Date.parse(job.due_at) > Date.now()
  const due = formatAgo(job.due_at, i18n.locale)
  return isLater ? t`due ${due}` : formatAgo(job.status === 'waiting' ? job.created_at : job.changed_at, i18n.locale)
}
