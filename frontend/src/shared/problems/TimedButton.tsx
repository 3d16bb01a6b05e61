/** A button for what was refused for a while: it counts the seconds until it may be pressed again. */
import { Trans } from '@lingui/react/macro'
import type { ComponentProps } from 'react'

import { useSecondsLeft } from '@/shared/hooks'
import { Button } from '@/shared/ui'

interface TimedButtonProps extends ComponentProps<typeof Button> {
  /** Null: at once. */
  until: number | null
}

export function TimedButton({ until, disabled, children, ...rest }: TimedButtonProps) {
  const left = useSecondsLeft(until)
  return (
    <Button {...rest} disabled={disabled === true || left > 0}>
      {children}
      {left > 0 && (
        <>
          {' '}
          <span className="tabular-nums">
            <Trans context="waiting time">in {left} s</Trans>
          </span>
        </>
      )}
    </Button>
  )
}
