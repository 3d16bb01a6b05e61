/** A dialog in the middle, for the little that cannot be a row. */
import type { ReactNode } from 'react'

import { defer, useDeferred } from '@/shared/lib/deferred'

export interface DialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  /** Hides the title row; the title is still heard. */
  bare?: boolean
  className?: string
  children: ReactNode
}

const dialog = defer(() => import('./DialogParts'))

export function Dialog(props: DialogProps) {
  const parts = useDeferred(dialog, props.open)
  return parts && <parts.OpenDialog {...props} />
}

export const DialogBody = ({ children }: { children: ReactNode }) => (
  <div className="flex min-h-0 flex-col gap-4 overflow-y-auto px-5 py-4">{children}</div>
)

export const DialogActions = ({ children }: { children: ReactNode }) => (
  <div className="flex flex-wrap justify-end gap-2 px-5 pb-5">{children}</div>
)
