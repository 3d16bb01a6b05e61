/** Changes a command in place. */
import { useLingui } from '@lingui/react/macro'
import { useState } from 'react'

import type { ToolSourceSummary } from '@/shared/api'
import { EditDialog } from '@/shared/settings'
import { toasts } from '@/shared/ui'

import { useChangeSource } from '../api/toolSources'
import { commandDraftOf, commandNameOf, type StdioRead, stdioOf } from '../model/commandDraft'
import { CommandFields } from './CommandFields'
import { useSourceFieldErrors } from './useSourceErrorText'

interface EditCommandProps {
  source: ToolSourceSummary
  stdio: StdioRead
  onClose: () => void
}

export function EditCommand({ source: { id, name }, stdio, onClose }: EditCommandProps) {
  const { t } = useLingui()
  const [draft, setDraft] = useState(() => commandDraftOf(name, stdio))
  const change = useChangeSource(id)
  const { fields, rest } = useSourceFieldErrors(change.error)
  const stored = Object.keys(stdio.secrets)

  const save = () =>
    change.mutate(
      { name: commandNameOf(draft).trim(), stdio: stdioOf(draft, stored) },
      {
        onSuccess: () => {
          onClose()
          toasts.show({ text: t`Server saved.` })
        },
      },
    )
  return (
    <EditDialog title={t`Edit ${name}`} error={rest} isSaving={change.isPending} onSave={save} onClose={onClose}>
      <CommandFields
        draft={draft}
        errors={fields}
        secretHint={stored.length > 0 ? t`Leave a value empty to keep the stored one. Another command needs all of them again.` : undefined}
        onChange={(changed) => {
          change.reset()
          setDraft(changed)
        }}
      />
    </EditDialog>
  )
}
