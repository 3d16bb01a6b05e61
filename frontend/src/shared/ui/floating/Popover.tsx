/** Something that floats beside its button. */
import { defer, useDeferred } from '@/shared/lib/deferred'

import { ColdTrigger } from './ColdTrigger'
import type { PopoverProps } from './props'
import { useOpen } from './useOpen'

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
