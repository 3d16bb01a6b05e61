/** A menu of actions that hangs on a button. */
import { createContext, type ReactNode, use } from 'react'

import { defer, useDeferred } from '@/shared/lib/deferred'

import { ColdTrigger } from './ColdTrigger'
import { useOpen } from './useOpen'

export interface MenuProps {
  trigger: ReactNode
  children: ReactNode
  align?: 'start' | 'center' | 'end'
  side?: 'top' | 'right' | 'bottom' | 'left'
  open?: boolean
  onOpenChange?: (open: boolean) => void
  className?: string
}

export interface MenuItemProps {
  icon?: ReactNode
  onSelect: () => void
  danger?: boolean
  disabled?: boolean
  /** Right end: a key, a tick, a number. */
  end?: ReactNode
  children: ReactNode
}

const menu = defer(() => import('./MenuParts'))
const PartsContext = createContext<Awaited<ReturnType<typeof menu.load>> | null>(null)

export function Menu({ open, onOpenChange, children, ...rest }: MenuProps) {
  const [isOpen, setOpen] = useOpen(open, onOpenChange)
  const parts = useDeferred(menu, isOpen)
  if (!parts) {
    return (
      <ColdTrigger opens="menu" prefetch={menu.prefetch} onOpen={() => setOpen(true)}>
        {rest.trigger}
      </ColdTrigger>
    )
  }
  return (
    <parts.OpenMenu {...rest} open={isOpen} onOpenChange={setOpen}>
      <PartsContext value={parts}>{children}</PartsContext>
    </parts.OpenMenu>
  )
}

export function MenuItem(props: MenuItemProps) {
  const parts = use(PartsContext)
  return parts && <parts.Item {...props} />
}

export function MenuLine() {
  const parts = use(PartsContext)
  return parts && <parts.Line />
}

export function MenuLabel({ children }: { children: ReactNode }) {
  const parts = use(PartsContext)
  return parts && <parts.Label>{children}</parts.Label>
}
