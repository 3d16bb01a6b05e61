/** The servers that give the agent more tools: whose, how they are, what they have. */
import { Trans } from '@lingui/react/macro'
import { Plus } from 'lucide-react'
import { useState } from 'react'

import { PagedList, SettingsSection } from '@/shared/settings'
import { Button } from '@/shared/ui'

import { toolSourcesQuery } from '../api/toolSources'
import { AddSource } from './AddSource'
import { SourceRow } from './SourceRow'
import { useOwnersToAddFor } from './useOwnerTexts'

export function SourceSection() {
  const owners = useOwnersToAddFor()
  const [isAdding, setAdding] = useState(false)
  return (
    <SettingsSection
      title={<Trans>Sources</Trans>}
      lead={<Trans>MCP servers that give the agent more tools.</Trans>}
      action={
        owners.length > 0 && (
          <Button onClick={() => setAdding(true)}>
            <Plus />
            <Trans>Add a server</Trans>
          </Button>
        )
      }
    >
      <PagedList query={toolSourcesQuery} keyOf={({ id }) => id} empty={<NoSources />}>
        {(source) => <SourceRow source={source} />}
      </PagedList>
      {isAdding && <AddSource owners={owners} onClose={() => setAdding(false)} />}
    </SettingsSection>
  )
}

function NoSources() {
  return (
    <p className="border-t border-line pt-3 text-ui text-ink-2">
      <Trans>No server has been added yet.</Trans>
    </p>
  )
}
