/** Settings > Tools: what the agent may use in all chats of a person, and of everybody. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { toolsQuery, useMay, useMe } from '@/shared/api'
import { defer, useDeferred } from '@/shared/lib/deferred'
import { ListState, SettingsSection } from '@/shared/settings'
import { EmptyState, Skeleton, Tabs } from '@/shared/ui'

import { useChangeTool } from '../api/tools'
import { ApprovalSelect } from '../components/ApprovalSelect'
import { ToolRow } from '../components/ToolRow'
import { keyOf, type Level } from '../model/policies'

const sources = defer(() => import('../sources').then((part) => part.loadSources()))

export function ToolSettings() {
  const { t } = useLingui()
  const { organization } = useMe()
  const decidesForAll = useMay('organization:write') && organization.kind === 'shared'
  const [level, setLevel] = useState<Level>('me')
  const tabs = [
    { value: 'me', label: t`For me`, content: <ToolList level="me" /> },
    { value: 'organization', label: t`For everybody`, content: <ToolList level="organization" /> },
  ]
  const more = useDeferred(sources, true)
  return (
    <>
      <SettingsSection
        title={<Trans>Tools</Trans>}
        lead={<Trans>What the agent may use to answer. What is off here is off in every chat; in one chat, the tools button below the question switches.</Trans>}
      >
        {decidesForAll ? (
          <Tabs label={t`Whose chats`} value={level} onValueChange={(value) => setLevel(value as Level)} tabs={tabs} />
        ) : (
          <div className="border-t border-line">
            <ToolList level="me" />
          </div>
        )}
      </SettingsSection>
      {more ? <more.SourceSection /> : <Skeleton className="h-24 w-full" />}
    </>
  )
}

function ToolList({ level }: { level: Level }) {
  const { data, error, refetch } = useQuery(toolsQuery())
  const mayChange = useMay(level === 'organization' ? 'organization:write' : 'account:write')
  const { mutate } = useChangeTool()
  if (!data) return <ListState error={error} onRetry={() => void refetch()} />
  if (data.items.length === 0) {
    return (
      <EmptyState>
        <Trans>There are no tools here yet.</Trans>
      </EmptyState>
    )
  }
  return (
    <ul className="divide-y divide-line border-b border-line">
      {data.items.map((tool) => (
        <ToolRow
          key={keyOf(tool)}
          tool={tool}
          level={level}
          disabled={!mayChange}
          onSwitch={(isOn) => mutate({ tool, level, change: { enabled: isOn ? null : false } })}
          className="py-3"
        >
          <ApprovalSelect tool={tool} level={level} disabled={!mayChange} onChange={(approval) => mutate({ tool, level, change: { approval } })} />
        </ToolRow>
      ))}
    </ul>
  )
}
