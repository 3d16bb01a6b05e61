/** A region that slides over the page: a drawer from a side, a sheet from below. */
import { defer, useDeferred } from '@/shared/lib/deferred'

import type { SheetProps } from './props'

const sheet = defer(() => import('./SheetParts'))

export function Sheet(props: SheetProps) {
  const parts = useDeferred(sheet, props.open)
  return parts && <parts.OpenSheet {...props} />
}
