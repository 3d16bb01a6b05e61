/** A question being asked differently. Sending keeps the old one as a version beside the new. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'

import { Button } from '@/shared/ui'

import { GrowingText } from './composer/GrowingText'

interface EditMessageProps {
  text: string
  onCancel: () => void
  onSend: (text: string) => void
}

export function EditMessage({ text, onCancel, onSend }: EditMessageProps) {
  const { t } = useLingui()
  const [draft, setDraft] = useState(text)
  const isEmpty = draft.trim() === ''
  const send = () => {
    if (!isEmpty) onSend(draft.trim())
  }
  return (
    <form
      className="max-w-[592px] rounded-block border border-line-strong bg-raised p-3 focus-within:border-accent md:ml-5"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <GrowingText label={t`Edit the question`} value={draft} onChange={setDraft} onSend={send} onEscape={onCancel} autoFocus />
      <div className="mt-2 flex items-center justify-end gap-2">
        <Button variant="quiet" onClick={onCancel}>
          <Trans>Cancel</Trans>
        </Button>
        <Button type="submit" variant="primary" disabled={isEmpty}>
          <Trans>Send</Trans>
        </Button>
      </div>
    </form>
  )
}
