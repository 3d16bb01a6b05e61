/** The background jobs, one state at a time. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'

import type { JobStatus, Overview } from '@/shared/api'
import { SettingsSection } from '@/shared/settings'
import { Tabs } from '@/shared/ui'

import { JobList } from './JobList'

export function JobSection({ figures }: { figures: Overview['jobs'] }) {
  const { t, i18n } = useLingui()
  const [shown, setShown] = useState<JobStatus>(figures.failed > 0 ? 'failed' : 'done')
  const states: { value: JobStatus; name: string; count: number }[] = [
    { value: 'waiting', name: t`Waiting`, count: figures.waiting },
    { value: 'running', name: t`Running`, count: figures.running },
    { value: 'failed', name: t`Failed`, count: figures.failed },
    { value: 'done', name: t`Done`, count: figures.done_24h },
  ]
  return (
    <SettingsSection
      title={<Trans>Background jobs</Trans>}
      lead={<Trans>A job that fails is tried again, later each time. After the last try it stays here until you let it run again.</Trans>}
    >
      <Tabs
        label={t`State of the jobs`}
        value={shown}
        onValueChange={(value) => setShown(value as JobStatus)}
        tabs={states.map(({ value, name, count }) => ({
          value,
          label: <StateLabel name={name} count={new Intl.NumberFormat(i18n.locale).format(count)} isBad={value === 'failed' && count > 0} />,
          content: <JobList key={value} status={value} />,
        }))}
      />
    </SettingsSection>
  )
}

function StateLabel({ name, count, isBad }: { name: string; count: string; isBad: boolean }) {
  return (
    <>
      {name} <span className={isBad ? 'text-danger' : 'text-ink-3'}>{count}</span>
    </>
  )
}
