/** Changes something in place: a form in a dialog, with what went wrong above its buttons. */
import { Trans } from '@lingui/react/macro'
import type { FormEvent, ReactNode, Ref } from 'react'

import { Button, Dialog, DialogBody, ErrorLine } from '@/shared/ui'

interface EditDialogProps {
  title: string
  error: ReactNode
  isSaving: boolean
  onSave: () => void
  onClose: () => void
  form?: Ref<HTMLFormElement>
  children: ReactNode
}

export function EditDialog({ title, error, isSaving, onSave, onClose, form, children }: EditDialogProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSave()
  }
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={title}>
      <DialogBody>
        <form ref={form} onSubmit={submit} className="flex flex-col gap-4">
          {children}
          {error && <ErrorLine>{error}</ErrorLine>}
          <div className="flex justify-end gap-2">
            <Button variant="quiet" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" variant="primary" busy={isSaving}>
              <Trans>Save</Trans>
            </Button>
          </div>
        </form>
      </DialogBody>
    </Dialog>
  )
}
