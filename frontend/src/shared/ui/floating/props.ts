/** What the floating surfaces take: known to the light half of each and to the half that is loaded when it opens. */
import type { CSSProperties, ReactNode } from 'react'

export interface DialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  /** Hides the title row; the title is still heard. */
  bare?: boolean
  /** Where the focus goes when it closes; null, as without it: where it was before. */
  returnTo?: () => Element | null
  className?: string
  children: ReactNode
}

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

export interface SheetProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  /** Heard, not seen. */
  label: string
  side: 'left' | 'right' | 'bottom'
  className?: string
  style?: CSSProperties & Record<`--${string}`, string>
  children: ReactNode
}
