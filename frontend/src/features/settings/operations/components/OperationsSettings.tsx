/** Settings > Operations: how the instance is, for those who run it. */
import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'

import { ProblemLine } from '@/shared/problems'
import { ListState, SettingsSection } from '@/shared/settings'

import { overviewQuery } from '../api/operations'
import { JobSection } from './JobSection'
import { RunFigures } from './RunFigures'
import { WorkerList } from './WorkerList'

export function OperationsSettings() {
  const { data, error, refetch } = useQuery(overviewQuery)
  return (
    <>
      <SettingsSection
        title={<Trans>Answers</Trans>}
        lead={<Trans>Of everybody on this server. The figures renew themselves every five seconds.</Trans>}
      >
        {data && error && (
          <div className="pb-4">
            <ProblemLine error={error} />
          </div>
        )}
        {data ? <RunFigures overview={data} /> : <ListState error={error} onRetry={() => void refetch()} />}
      </SettingsSection>
      {data && (
        <>
          <SettingsSection title={<Trans>Workers</Trans>} lead={<Trans>The processes that write answers and do background jobs.</Trans>}>
            <WorkerList workers={data.workers} />
          </SettingsSection>
          <JobSection figures={data.jobs} />
        </>
      )}
    </>
  )
}
