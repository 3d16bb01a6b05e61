/** The open dialog; loaded with the first one that somebody opens. */
import { useLingui } from '@lingui/react/macro'
import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'

import { cx } from '../cx'
import { IconButton } from '../IconButton'
import type { DialogProps } from './props'
import { scrim } from './surface'
import { useFocusBefore } from './useFocusBefore'

export function OpenDialog({ open, onOpenChange, title, description, bare = false, returnTo, className, children }: DialogProps) {
  const { t } = useLingui()
  const giveBack = useFocusBefore(open, returnTo)
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={scrim} />
        <Radix.Content
          onCloseAutoFocus={giveBack}
          {...(description ? {} : { 'aria-describedby': undefined })}
          className={cx(
            'animate-rise fixed left-1/2 z-50 flex max-h-[calc(100dvh-32px)] w-[calc(100vw-32px)] -translate-x-1/2 flex-col',
            'rounded-dialog border border-float-edge surface-raised text-ink shadow-menu outline-none',
            bare ? 'top-[12dvh] max-w-xl' : 'top-1/2 max-w-lg -translate-y-1/2',
            className,
          )}
        >
          <div className={bare ? 'sr-only' : 'flex items-start gap-3 px-5 pt-5'}>
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-h3">{title}</Radix.Title>
              {description && <Radix.Description className="mt-1 text-ui text-ink-2">{description}</Radix.Description>}
            </div>
            {!bare && (
              <Radix.Close asChild>
                <IconButton label={t`Close`} icon={<X />} className="-mt-1 -mr-2" />
              </Radix.Close>
            )}
          </div>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
