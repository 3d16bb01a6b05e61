/** Sends the same again, as soon as the server lets it. */
import { Trans } from '@lingui/react/macro'
import { RotateCcw } from 'lucide-react'

import { TimedButton } from '@/shared/problems'

interface AgainButtonProps {
  /** Null: at once. */
  retryAt: number | null
  onClick: () => void
  className?: string
}

export function AgainButton({ retryAt, onClick, className }: AgainButtonProps) {
  return (
    <TimedButton size="sm" className={className} until={retryAt} onClick={onClick}>
      <RotateCcw aria-hidden />
      <Trans>Try again</Trans>
    </TimedButton>
  )
}
