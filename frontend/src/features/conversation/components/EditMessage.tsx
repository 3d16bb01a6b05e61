/** A question being asked differently. Sending keeps the old one as a version beside the new. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useState, type ReactNode } from 'react'

import { Button, ErrorLine } from '@/shared/ui'

import { useTooLong } from '../hooks/useTooLong'
import { GrowingText } from './composer/GrowingText'

interface EditMessageProps {
  text: string
  /** What the question shows stays with it. */
  files?: ReactNode
  onCancel: () => void
  onSend: (text: string) => void
}

export function EditMessage({ text, files, onCancel, onSend }: EditMessageProps) {
  const { t } = useLingui()
  const [draft, setDraft] = useState(text)
  const tooLong = useTooLong(draft.trim())
  const isUnfit = (draft.trim() === '' && files === undefined) || tooLong !== null
  const send = () => {
    if (!isUnfit) onSend(draft.trim())
  }
  return (
    <form
      className="max-w-[592px] rounded-block border border-line-strong surface-raised p-3 focus-within:border-accent md:ml-5"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      {files}
      <GrowingText label={t`Edit the question`} value={draft} onChange={setDraft} onSend={send} onEscape={onCancel} autoFocus />
      {tooLong !== null && <ErrorLine>{tooLong}</ErrorLine>}
      <div className="mt-2 flex items-center justify-end gap-2">
        <Button variant="quiet" onClick={onCancel}>
          <Trans>Cancel</Trans>
        </Button>
        <Button type="submit" variant="primary" disabled={isUnfit}>
          <Trans>Send</Trans>
        </Button>
      </div>
    </form>
  )
}
