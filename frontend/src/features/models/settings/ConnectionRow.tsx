/** One connection: whose, how it is, who may use it; changed, tried and removed by those who may. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'

import { type Connection, useMe } from '@/shared/api'
import { formatDate } from '@/shared/lib/format'
import { ProblemLine } from '@/shared/problems'
import { ConfirmInRow, HealthMark } from '@/shared/settings'
import { Badge, Button } from '@/shared/ui'

import { useDeleteConnection, useTryConnection } from '../api/connections'
import { TestResult } from '../components/TestResult'
import { useKindNames } from '../components/useKindNames'
import { EditConnection } from './EditConnection'

export function ConnectionRow({ connection }: { connection: Connection }) {
  const { t, i18n } = useLingui()
  const kinds = useKindNames()
  const { name, kind, base_url: address, key_hint: hint, created_at: createdAt, health } = connection
  const facts = [kinds[kind], address, hint && t`key ${hint}`, formatDate(createdAt, i18n.locale)].filter(Boolean)
  return (
    <li className="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-2 py-2">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2 text-ui font-medium">
          <span dir="auto" className="min-w-0 wrap-anywhere">{name}</span>
          <Reach connection={connection} />
        </p>
        <p className="text-row wrap-anywhere text-ink-3">{facts.join(' · ')}</p>
        {health.status === 'down' && health.detail && <p className="text-row text-ink-2">{health.detail}</p>}
        {connection.shadowed_by !== null && (
          <p className="text-row text-ink-2">
            <Trans>Not used here: this organization has a connection of the same name.</Trans>
          </p>
        )}
      </div>
      <HealthMark health={health} />
      {connection.can_change && <RowActions connection={connection} />}
    </li>
  )
}

/** Who may use a connection of the instance, where it is not everybody; only operators are told. */
function Reach({ connection: { visible_to: visibleTo } }: { connection: Connection }) {
  const { t } = useLingui()
  const { organizations } = useMe()
  if (visibleTo === null || visibleTo === 'all') return null
  const name = visibleTo.length === 1 ? organizations.find(({ id }) => id === visibleTo[0])?.name : undefined
  const count = visibleTo.length
  return <Badge>{name ? t`only ${name}` : <Plural value={count} one="only # organization" other="only # organizations" />}</Badge>
}

function RowActions({ connection }: { connection: Connection }) {
  const { t } = useLingui()
  const { id, name } = connection
  const [isEditing, setEditing] = useState(false)
  const remove = useDeleteConnection()
  const tried = useTryConnection(id)
  const error = remove.error ?? tried.error
  return (
    <>
      <div className="flex flex-none items-center gap-1 max-md:basis-full max-md:-ml-3">
        <Button variant="quiet" size="sm" busy={tried.isPending} aria-label={t`Test ${name}`} onClick={() => tried.mutate()}>
          <Trans>Test</Trans>
        </Button>
        <Button variant="quiet" size="sm" aria-label={t`Edit ${name}`} onClick={() => setEditing(true)}>
          <Trans>Edit</Trans>
        </Button>
        <ConfirmInRow action={t`Remove`} label={t`Remove ${name}`} busy={remove.isPending} onConfirm={() => remove.mutate(id)} />
      </div>
      {(error ?? tried.data) && (
        <div className="basis-full">
          {error ? <ProblemLine error={error} /> : tried.data && <TestResult result={tried.data} />}
        </div>
      )}
      {isEditing && <EditConnection connection={connection} onClose={() => setEditing(false)} />}
    </>
  )
}
