/** The connections that administrators made here; one that is removed is asked about in its row. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery } from '@tanstack/react-query'

import { type Connection, useErrorText } from '@/shared/api'
import { formatDate } from '@/shared/lib/format'
import { ConfirmInRow, PagedList, SettingsSection } from '@/shared/settings'
import { ErrorLine } from '@/shared/ui'

import { connectionsQuery, useDeleteConnection } from '../api/connections'
import { useKindNames } from '../components/useKindNames'

export function ConnectionList() {
  const { data, error } = useInfiniteQuery(connectionsQuery)
  const hasNone = (data?.pages[0]?.items.length ?? 0) === 0
  if (hasNone && !error) return null
  return (
    <SettingsSection title={<Trans>Connections</Trans>}>
      <PagedList query={connectionsQuery} keyOf={({ id }) => id}>
        {(connection) => <ConnectionRow connection={connection} />}
      </PagedList>
    </SettingsSection>
  )
}

function ConnectionRow({ connection }: { connection: Connection }) {
  const { t, i18n } = useLingui()
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
      <ConfirmInRow action={t`Remove`} label={t`Remove ${name}`} busy={remove.isPending} onConfirm={() => remove.mutate(connection.id)} />
    </li>
  )
}
