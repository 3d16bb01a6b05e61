/** The open menu; loaded with the first menu that somebody opens. */
import { DropdownMenu as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

import { cx } from '../cx'
import type { MenuItemProps, MenuProps } from './props'
import { surface } from './surface'

interface OpenMenuProps extends Omit<MenuProps, 'open' | 'onOpenChange'> {
  open: boolean
  onOpenChange: (open: boolean) => void
}

export function OpenMenu({ trigger, children, align = 'start', side = 'bottom', open, onOpenChange, className }: OpenMenuProps) {
  return (
    <Radix.Root modal={false} open={open} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content align={align} side={side} sideOffset={4} collisionPadding={8} className={cx(surface, 'min-w-44 p-1', className)}>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

export function Item({ icon, onSelect, danger = false, disabled, end, children }: MenuItemProps) {
  return (
    <Radix.Item
      disabled={disabled}
      onSelect={onSelect}
      className={cx(
        'flex min-h-8 cursor-pointer items-center gap-2 rounded-control px-2 text-ui outline-none select-none max-md:min-h-11',
        'data-disabled:cursor-default data-disabled:opacity-45 data-highlighted:selected',
        danger ? 'text-danger' : 'text-ink',
      )}
    >
      {icon}
      <span className="min-w-0 flex-1">{children}</span>
      {end}
    </Radix.Item>
  )
}

export const Line = () => <Radix.Separator className="mx-2 my-1 h-px bg-line" />

export const Label = ({ children }: { children: ReactNode }) => (
  <Radix.Label className="px-2 py-1.5 text-badge text-ink-3">{children}</Radix.Label>
)
