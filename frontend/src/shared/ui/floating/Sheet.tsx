/** A region that slides over the page: a drawer from a side, a sheet from below. */
import type { CSSProperties, ReactNode } from 'react'

import { defer, useDeferred } from '@/shared/lib/deferred'

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

const sheet = defer(() => import('./SheetParts'))

export function Sheet(props: SheetProps) {
  const parts = useDeferred(sheet, props.open)
  return parts && <parts.OpenSheet {...props} />
}
