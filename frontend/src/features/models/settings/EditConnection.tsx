/** Changes a connection in place: name, address, key, and for one of the instance who may use it. */
import { Trans, useLingui } from '@lingui/react/macro'
import { type FormEvent, useState } from 'react'

import { ApiError, type Connection, useErrorText } from '@/shared/api'
import { Button, Dialog, DialogBody, ErrorLine, Field, Input, toasts } from '@/shared/ui'

import { useChangeConnection } from '../api/connections'
import { changeOf, type ConnectionEdit, editOf, needsKey } from '../model/connectionEdit'
import { KINDS } from '../model/detectKind'
import { VisibilityChoice } from './VisibilityChoice'

export function EditConnection({ connection, onClose }: { connection: Connection; onClose: () => void }) {
  const { t } = useLingui()
  const { id, name } = connection
  const [edit, setEdit] = useState(() => editOf(connection))
  const change = useChangeConnection(id)
  const errorText = useErrorText()
  const isEmptyChoice = edit.visibleTo !== null && edit.visibleTo.length === 0

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isEmptyChoice) return
    change.mutate(changeOf(connection, edit), {
      onSuccess: () => {
        onClose()
        toasts.show({ text: t`Connection saved.` })
      },
    })
  }
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t`Edit ${name}`}>
      <DialogBody>
        <form onSubmit={submit} className="flex flex-col gap-4">
          <EditFields connection={connection} edit={edit} onChange={setEdit} keyError={isAboutKey(change.error) ? errorText(change.error) : undefined} />
          {edit.visibleTo !== null && (
            <VisibilityChoice value={edit.visibleTo} isEmpty={isEmptyChoice} onChange={(visibleTo) => setEdit({ ...edit, visibleTo })} />
          )}
          {change.error && !isAboutKey(change.error) && <ErrorLine>{errorText(change.error)}</ErrorLine>}
          <div className="flex justify-end gap-2">
            <Button variant="quiet" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" variant="primary" busy={change.isPending}>
              <Trans>Save</Trans>
            </Button>
          </div>
        </form>
      </DialogBody>
    </Dialog>
  )
}

const isAboutKey = (error: unknown) => error instanceof ApiError && error.code === 'llm.connection_key_needed'

interface EditFieldsProps {
  connection: Connection
  edit: ConnectionEdit
  onChange: (edit: ConnectionEdit) => void
  keyError: string | undefined
}

function EditFields({ connection, edit, onChange, keyError }: EditFieldsProps) {
  const { t } = useLingui()
  const fields = KINDS[connection.kind]
  const isKeyNeeded = needsKey(connection, edit)
  const kept = connection.key_hint === null ? undefined : t`Leave it empty to keep the stored one.`
  const keyHint = isKeyNeeded ? t`The stored key is not sent to another address. Enter the key again.` : kept
  return (
    <>
      <Field label={t`Name`}>
        {(control) => (
          <Input {...control} required maxLength={100} value={edit.name} onChange={(event) => onChange({ ...edit, name: event.target.value })} />
        )}
      </Field>
      {fields.address === 'needed' && (
        <Field label={t`Address`}>
          {(control) => (
            <Input
              {...control}
              type="url"
              required
              value={edit.address}
              onChange={(event) => onChange({ ...edit, address: event.target.value })}
              className="font-mono text-code!"
            />
          )}
        </Field>
      )}
      {fields.key !== 'none' && (
        <Field label={t`Key`} hint={keyHint} error={keyError}>
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
