/** What those who may do with a source: have it listed again, edit it, remove it. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'

import type { ToolSourceSummary } from '@/shared/api'
import { ConfirmInRow } from '@/shared/settings'
import { Button, ErrorLine } from '@/shared/ui'

import { useDeleteSource, useRefreshSource } from '../api/toolSources'
import { EditCommand } from './EditCommand'
import { EditSource } from './EditSource'
import { useSourceErrorText } from './useSourceErrorText'

export function SourceActions({ source }: { source: ToolSourceSummary }) {
  const { t } = useLingui()
  const { id, name, stdio } = source
  const isFixed = stdio?.is_fixed === true
  const errorText = useSourceErrorText()
  const [isEditing, setEditing] = useState(false)
  const refresh = useRefreshSource(id)
  const remove = useDeleteSource(id)
  const error = remove.error ?? refresh.error
  return (
    <>
      <Button variant="quiet" size="sm" busy={refresh.isPending} aria-label={t`Refresh ${name}`} onClick={() => refresh.mutate()}>
        <Trans>Refresh</Trans>
      </Button>
      {!isFixed && (
        <>
          <Button variant="quiet" size="sm" aria-label={t`Edit ${name}`} onClick={() => setEditing(true)}>
            <Trans>Edit</Trans>
          </Button>
          <ConfirmInRow action={t`Remove`} label={t`Remove ${name}`} busy={remove.isPending} onConfirm={() => remove.mutate()} />
        </>
      )}
      {error && (
        <div className="basis-full pl-2.5 max-md:pl-3">
          <ErrorLine>{errorText(error)}</ErrorLine>
        </div>
      )}
      {isEditing && stdio && <EditCommand source={source} stdio={stdio} onClose={() => setEditing(false)} />}
      {isEditing && !stdio && <EditSource source={source} onClose={() => setEditing(false)} />}
    </>
  )
}
