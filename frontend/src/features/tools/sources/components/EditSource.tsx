/** Changes a source in place: its name, its address, its sign-in. */
import { useLingui } from '@lingui/react/macro'
import { useState } from 'react'

import type { ToolSourceSummary } from '@/shared/api'
import { EditDialog } from '@/shared/settings'
import { toasts } from '@/shared/ui'

import { useChangeSource } from '../api/toolSources'
import { changeOf, draftOf, keepsSecret, type SourceDraft } from '../model/sourceDraft'
import { SourceFields } from './SourceFields'
import { useSourceFieldErrors } from './useSourceErrorText'

export function EditSource({ source, onClose }: { source: ToolSourceSummary; onClose: () => void }) {
  const { t } = useLingui()
  const { id, name, prefix } = source
  const [draft, setDraft] = useState(() => draftOf(source))
  const change = useChangeSource(id)
  const { fields, rest } = useSourceFieldErrors(change.error)
  const isKept = keepsSecret(source, draft)

  const save = () =>
    change.mutate(changeOf(source, draft), {
      onSuccess: () => {
        onClose()
        toasts.show({ text: t`Server saved.` })
      },
    })
  return (
    <EditDialog title={t`Edit ${name}`} error={rest} isSaving={change.isPending} onSave={save} onClose={onClose}>
      <SourceFields
        draft={draft}
        errors={fields}
        nameHint={t`Its tools keep their names, which begin with ${prefix}.`}
        kept={isKept ? (source.auth?.hint ?? '') : undefined}
        secretHint={useSecretHint(source, draft, isKept)}
        onChange={(changed) => {
          change.reset()
          setDraft(changed)
        }}
      />
    </EditDialog>
  )
}

function useSecretHint(source: ToolSourceSummary, draft: SourceDraft, isKept: boolean): string | undefined {
  const { t } = useLingui()
  if (isKept) return t`Leave it empty to keep the stored sign-in.`
  if (source.auth !== null && source.url !== draft.url.trim()) return t`The stored sign-in is not sent to another address. Enter it again.`
  return undefined
}
