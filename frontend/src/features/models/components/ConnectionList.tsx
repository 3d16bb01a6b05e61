/** The connections that administrators made here; one that is removed is asked about in its row. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { type Connection, useErrorText } from '@/shared/api'
import { formatDate } from '@/shared/lib/format'
import { Button, ErrorLine, SettingsSection } from '@/shared/ui'

import { connectionsQuery, useDeleteConnection } from '../api/connections'
import { useKindNames } from './useKindNames'

export function ConnectionList() {
  const { data, error } = useQuery(connectionsQuery)
  const errorText = useErrorText()
  if (error && !data) return <ErrorLine>{errorText(error)}</ErrorLine>
  if (!data || data.items.length === 0) return null
  return (
    <SettingsSection title={<Trans>Connections</Trans>}>
      <ul className="divide-y divide-line border-y border-line">
        {data.items.map((connection) => (
          <ConnectionRow key={connection.id} connection={connection} />
        ))}
      </ul>
    </SettingsSection>
  )
}

function ConnectionRow({ connection }: { connection: Connection }) {
  const { t, i18n } = useLingui()
  const [isAsking, setAsking] = useState(false)
  const remove = useDeleteConnection()
  const errorText = useErrorText()
  const kinds = useKindNames()
  const { name, kind, base_url: address, key_hint: hint, created_at: createdAt } = connection
  const facts = [kinds[kind], address, hint && t`key ${hint}`, formatDate(createdAt, i18n.locale)].filter(Boolean)
  return (
    <li className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-2 py-2">
      <div className="min-w-0 flex-1">
        <p className="truncate text-ui font-medium">{name}</p>
        <p className="text-row break-words text-ink-3">{facts.join(' · ')}</p>
        {remove.error && <ErrorLine>{errorText(remove.error)}</ErrorLine>}
      </div>
      {isAsking ? (
        <div className="flex items-center gap-2">
          <Button variant="quiet" size="sm" onClick={() => setAsking(false)}>
            <Trans>Keep</Trans>
          </Button>
          <Button variant="danger" size="sm" busy={remove.isPending} onClick={() => remove.mutate(connection.id)}>
            <Trans>Remove</Trans>
          </Button>
        </div>
      ) : (
        <Button variant="quiet" size="sm" onClick={() => setAsking(true)} aria-label={t`Remove ${name}`}>
          <Trans>Remove</Trans>
        </Button>
      )}
    </li>
  )
}
