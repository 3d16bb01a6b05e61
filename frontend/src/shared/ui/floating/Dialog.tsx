/** A dialog in the middle, for the little that cannot be a row. */
import type { ReactNode } from 'react'

import { defer, useDeferred } from '@/shared/lib/deferred'

import type { DialogProps } from './props'

const dialog = defer(() => import('./DialogParts'))

export function Dialog(props: DialogProps) {
  const parts = useDeferred(dialog, props.open)
  return parts && <parts.OpenDialog {...props} />
}

export const DialogBody = ({ children }: { children: ReactNode }) => (
  <div className="flex min-h-0 flex-col gap-4 overflow-y-auto px-5 py-4">{children}</div>
)
