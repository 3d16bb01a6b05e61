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
  const none = <Sections connections={[]} canConnect={{ instance: operates, organization: manages }} onConnect={setOwner} />
  return (
    <>
      <PagedRows query={connectionsQuery} keyOf={({ id }) => id} empty={none}>
        {(connections) => <Sections connections={connections} canConnect={{ instance: operates, organization: manages }} onConnect={setOwner} />}
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
  const { name, kind } = useMe().organization
  const ofInstance = connections.filter((connection) => connection.for === 'instance')
  const own = connections.filter((connection) => connection.for === 'organization')
  return (
    <>
      {(ofInstance.length > 0 || canConnect.instance) && (
        <SettingsSection
          title={<Trans>For everybody here</Trans>}
          lead={<Trans>Kept by those who run this server.</Trans>}
          action={canConnect.instance && <ConnectButton onClick={() => onConnect('instance')} isPrimary={false} />}
        >
          <Rows connections={ofInstance} />
        </SettingsSection>
      )}
      {(own.length > 0 || canConnect.organization) && (
        <SettingsSection
          title={<Trans>This organization</Trans>}
          lead={kind === 'personal' ? <Trans>Only you can use these.</Trans> : <Trans>Everyone in {name} can use these.</Trans>}
          action={canConnect.organization && <ConnectButton onClick={() => onConnect('organization')} isPrimary />}
        >
          <Rows connections={own} />
        </SettingsSection>
      )}
    </>
  )
}

function ConnectButton({ onClick, isPrimary }: { onClick: () => void; isPrimary: boolean }) {
  return (
    <Button onClick={onClick}>
      <Plug />
      {isPrimary ? <Trans>Connect a model</Trans> : <Trans>Connect for everybody</Trans>}
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
