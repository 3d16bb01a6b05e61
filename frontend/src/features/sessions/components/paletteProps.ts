/** What the palette takes: known to its light half and to the half that is loaded when it opens. */
import type { ReactNode } from 'react'

export interface PaletteCommand {
  id: string
  label: string
  icon: ReactNode
  /** It leads to where one writes. */
  isToWrite?: true
  onRun: () => void
}

export interface SessionPaletteProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  commands: PaletteCommand[]
  /** At a message of it, where it was found by one. */
  onOpenSession: (id: string, messageId?: string) => void
}
