/** Something that floats beside its button. */
import type { ReactNode } from 'react'

import { defer, useDeferred } from '@/shared/lib/deferred'

import { ColdTrigger } from './ColdTrigger'
import { useOpen } from './useOpen'

export interface PopoverProps {
  trigger: ReactNode
  label: string
  open?: boolean
  onOpenChange?: (open: boolean) => void
  align?: 'start' | 'center' | 'end'
  side?: 'top' | 'bottom'
  className?: string
  children: ReactNode
}

const popover = defer(() => import('./PopoverParts'))

export function Popover({ open, onOpenChange, ...rest }: PopoverProps) {
  const [isOpen, setOpen] = useOpen(open, onOpenChange)
  const parts = useDeferred(popover, isOpen)
  if (!parts) {
    return (
      <ColdTrigger opens="dialog" prefetch={popover.prefetch} onOpen={() => setOpen(true)}>
        {rest.trigger}
      </ColdTrigger>
    )
  }
  return <parts.OpenPopover {...rest} open={isOpen} onOpenChange={setOpen} />
}
