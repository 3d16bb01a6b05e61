/** The open sheet; loaded with the first one that somebody opens. */
import { Dialog as Radix } from 'radix-ui'

import { cx } from '../cx'
import type { SheetProps } from './props'
import { scrim } from './surface'
import { useFocusBefore } from './useFocusBefore'

const SIDES = {
  left: cx('inset-y-0 left-0 w-[min(300px,86vw)] border-r sheet-left'),
  right: cx('inset-y-0 right-0 w-[min(380px,92vw)] border-l sheet-right'),
  bottom: cx('inset-x-0 bottom-0 rounded-t-dialog border-t sheet-bottom pb-[env(safe-area-inset-bottom)]'),
} as const

export function OpenSheet({ open, onOpenChange, label, side, className, style, children }: SheetProps) {
  const giveBack = useFocusBefore(open)
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={scrim} />
        <Radix.Content
          aria-describedby={undefined}
          style={style}
          onOpenAutoFocus={(event) => {
            // The region takes the focus, not its first button, whose name would pop up.
            event.preventDefault()
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
          }}
          onCloseAutoFocus={giveBack}
          className={cx('fixed z-50 flex flex-col border-line bg-panel text-ink outline-none', SIDES[side], className)}
        >
          <Radix.Title className="sr-only">{label}</Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
