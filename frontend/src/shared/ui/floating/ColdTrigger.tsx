/** A trigger before its first use: as accessible as the real one, and it fetches what will open when it is approached. */
import { Slot } from 'radix-ui'
import type { ReactNode } from 'react'

interface ColdTriggerProps {
  opens: 'menu' | 'dialog'
  prefetch: () => void
  onOpen: () => void
  children: ReactNode
}

export function ColdTrigger({ opens, prefetch, onOpen, children }: ColdTriggerProps) {
  return (
    <Slot.Root
      aria-haspopup={opens}
      aria-expanded={false}
      data-state="closed"
      onPointerEnter={prefetch}
      onFocus={prefetch}
      onClick={onOpen}
      onKeyDown={(event) => {
        if (opens !== 'menu' || event.key !== 'ArrowDown') return
        event.preventDefault()
        onOpen()
      }}
    >
      {children}
    </Slot.Root>
  )
}
