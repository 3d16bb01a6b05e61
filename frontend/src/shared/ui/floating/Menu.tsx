/** A menu of actions that hangs on a button. */
import { createContext, type ReactNode, use } from 'react'

import { defer, useDeferred } from '@/shared/lib/deferred'

import { ColdTrigger } from './ColdTrigger'
import type { MenuItemProps, MenuProps } from './props'
import { useOpen } from './useOpen'

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
