/** The connections that people made here: for everybody on the server, and for this organization. */
import { Trans } from '@lingui/react/macro'
import { Plug } from 'lucide-react'
import { useState } from 'react'

import { type Connection, useMay, useMe } from '@/shared/api'
import { PagedRows, SettingsSection } from '@/shared/settings'
import { Button } from '@/shared/ui'

import { connectionsQuery } from '../api/connections'
import { ConnectDialog } from '../components/ConnectDialog'
import { ConnectionRow } from './ConnectionRow'

export function ConnectionSections() {
  const operates = useMay('instance:operate')
  const manages = useMay('connections:manage')
  const [owner, setOwner] = useState<Connection['for'] | null>(null)
  const sections = (connections: Connection[]) => (
    <Sections connections={connections} canConnect={{ instance: operates, organization: manages }} onConnect={setOwner} />
  )
  return (
    <>
      <PagedRows query={connectionsQuery} keyOf={({ id }) => id} empty={sections([])}>
        {sections}
      </PagedRows>
      <ConnectDialog open={owner !== null} owner={owner ?? 'organization'} onOpenChange={(open) => !open && setOwner(null)} />
    </>
  )
}

interface SectionsProps {
  connections: Connection[]
  canConnect: Record<Connection['for'], boolean>
  onConnect: (owner: Connection['for']) => void
}

function Sections({ connections, canConnect, onConnect }: SectionsProps) {
  const { kind } = useMe().organization
  const ofInstance = connections.filter((connection) => connection.for === 'instance')
  const own = connections.filter((connection) => connection.for === 'organization')
  return (
    <>
      {(ofInstance.length > 0 || canConnect.instance) && (
        <SettingsSection
          title={<Trans>For everybody here</Trans>}
          lead={<Trans>Kept by those who run this server.</Trans>}
          action={canConnect.instance && <ConnectButton onClick={() => onConnect('instance')} owner="instance" />}
        >
          <Rows connections={ofInstance} />
        </SettingsSection>
      )}
      {(own.length > 0 || canConnect.organization) && (
        <SettingsSection
          title={<Trans>This organization</Trans>}
          lead={kind === 'personal' ? <Trans>Only you can use these.</Trans> : <Trans>Everybody in this organization can use these.</Trans>}
          action={canConnect.organization && <ConnectButton onClick={() => onConnect('organization')} owner="organization" />}
        >
          <Rows connections={own} />
        </SettingsSection>
      )}
    </>
  )
}

function ConnectButton({ onClick, owner }: { onClick: () => void; owner: Connection['for'] }) {
  return (
    <Button onClick={onClick}>
      <Plug />
      {owner === 'instance' ? <Trans>Connect for everybody</Trans> : <Trans>Connect a model</Trans>}
    </Button>
  )
}

function Rows({ connections }: { connections: Connection[] }) {
  if (connections.length === 0) {
    return (
      <p className="border-t border-line pt-3 text-ui text-ink-2">
        <Trans>Nothing is connected here yet.</Trans>
      </p>
    )
  }
  return (
    <ul className="divide-y divide-line border-y border-line">
      {connections.map((connection) => (
        <ConnectionRow key={connection.id} connection={connection} />
      ))}
    </ul>
  )
}
