/** Changes a connection in place: name, address, key, its advanced fields, and for one of the instance who may use it. */
import { useLingui } from '@lingui/react/macro'
import { useState } from 'react'

import type { Connection } from '@/shared/api'
import { EditDialog } from '@/shared/settings'
import { Field, Input, toasts } from '@/shared/ui'

import { useChangeConnection } from '../api/connections'
import { AdvancedOptions } from '../components/advanced/AdvancedOptions'
import { type FieldErrors, useFieldErrors } from '../components/useFieldErrors'
import { useShownProblem } from '../components/useShownProblem'
import { changeOf, type ConnectionEdit, editOf, needsKey } from '../model/connectionEdit'
import { KINDS } from '../model/detectKind'
import { optionProblems } from '../model/optionProblems'
import { VisibilityChoice } from './VisibilityChoice'

export function EditConnection({ connection, onClose }: { connection: Connection; onClose: () => void }) {
  const { t } = useLingui()
  const { id, name } = connection
  const [edit, setEdit] = useState(() => editOf(connection))
  const [attempts, setAttempts] = useState(0)
  const change = useChangeConnection(id)
  const problems = optionProblems(edit.options)
  const { fields: errors, rest } = useFieldErrors(attempts > 0 ? problems : {}, change.error)
  const form = useShownProblem(attempts, change.error)
  const isEmptyChoice = edit.visibleTo !== null && edit.visibleTo.length === 0

  const save = () => {
    setAttempts(attempts + 1)
    if (isEmptyChoice || Object.keys(problems).length > 0) return
    change.mutate(changeOf(connection, edit), {
      onSuccess: () => {
        onClose()
        toasts.show({ text: t`Connection saved.` })
      },
    })
  }
  return (
    <EditDialog title={t`Edit ${name}`} error={rest} isSaving={change.isPending} onSave={save} onClose={onClose} form={form}>
      <EditFields connection={connection} edit={edit} onChange={setEdit} errors={errors} />
      <AdvancedOptions kind={connection.kind} draft={edit.options} errors={errors} onChange={(options) => setEdit({ ...edit, options })} />
      {edit.visibleTo !== null && (
        <VisibilityChoice value={edit.visibleTo} isEmpty={isEmptyChoice} onChange={(visibleTo) => setEdit({ ...edit, visibleTo })} />
      )}
    </EditDialog>
  )
}

interface EditFieldsProps {
  connection: Connection
  edit: ConnectionEdit
  onChange: (edit: ConnectionEdit) => void
  errors: FieldErrors
}

function EditFields({ connection, edit, onChange, errors }: EditFieldsProps) {
  const { t } = useLingui()
  const fields = KINDS[connection.kind]
  const isKeyNeeded = needsKey(connection, edit)
  const kept = connection.key_hint === null ? undefined : t`Leave it empty to keep the stored one.`
  const keyHint = isKeyNeeded ? t`The stored key is not sent to another address. Enter the key again.` : kept
  return (
    <>
      <Field label={t`Name`} error={errors.name}>
        {(control) => (
          <Input {...control} required maxLength={100} value={edit.name} onChange={(event) => onChange({ ...edit, name: event.target.value })} />
        )}
      </Field>
      {fields.address === 'needed' && (
        <Field label={t`Address`} error={errors.address}>
          {(control) => (
            <Input
              {...control}
              // As a text: the server reads an address without its https:// too.
              inputMode="url"
              required
              value={edit.address}
              onChange={(event) => onChange({ ...edit, address: event.target.value })}
              className="font-mono text-code!"
            />
          )}
        </Field>
      )}
      {fields.key !== 'none' && (
        <Field label={t`Key`} hint={keyHint} error={errors.key}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="off"
              required={isKeyNeeded}
              placeholder={connection.key_hint ?? fields.keyExample}
              value={edit.key}
              onChange={(event) => onChange({ ...edit, key: event.target.value })}
              className="font-mono text-code!"
            />
          )}
        </Field>
      )}
    </>
  )
}
