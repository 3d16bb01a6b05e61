/** The open popover; loaded with the first one that somebody opens. */
import { Popover as Radix } from 'radix-ui'

import { cx } from '../cx'
import type { PopoverProps } from './props'
import { surface } from './surface'

interface OpenPopoverProps extends Omit<PopoverProps, 'open' | 'onOpenChange'> {
  open: boolean
  onOpenChange: (open: boolean) => void
}

export function OpenPopover({ trigger, label, open, onOpenChange, align = 'end', side = 'top', className, children }: OpenPopoverProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className={cx(surface, 'max-w-[calc(100vw-16px)]', className)}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
