/** An action that cannot be taken back, asked about in its own row. */
import { Trans } from '@lingui/react/macro'
import { useState } from 'react'

import { useReturningFocus } from '@/shared/hooks'
import { Button } from '@/shared/ui'

interface ConfirmInRowProps {
  /** What the button says. */
  action: string
  /** What it is called for those who hear it, with the name of its row. */
  label: string
  busy: boolean
  onConfirm: () => void
}

export function ConfirmInRow({ action, label, busy, onConfirm }: ConfirmInRowProps) {
  const [isAsking, setAsking] = useState(false)
  const returnFocus = useReturningFocus()
  if (!isAsking) {
    return (
      <Button variant="quiet" size="sm" ref={returnFocus.take} aria-label={label} onClick={() => setAsking(true)}>
        {action}
      </Button>
    )
  }
  return (
    <span className="flex items-center gap-2">
      <Button
        variant="quiet"
        size="sm"
        autoFocus
        onClick={() => {
          returnFocus.expect()
          setAsking(false)
        }}
      >
        <Trans>Keep</Trans>
      </Button>
      <Button variant="danger" size="sm" busy={busy} aria-label={label} onClick={onConfirm}>
        {action}
      </Button>
    </span>
  )
}
