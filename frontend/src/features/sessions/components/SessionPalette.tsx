/** Ctrl-K: loaded when it is first asked for. */
import { defer, useDeferred } from '@/shared/lib/deferred'

import type { SessionPaletteProps } from './paletteProps'

const palette = defer(() => import('./Palette'))

export function SessionPalette(props: SessionPaletteProps) {
  const parts = useDeferred(palette, props.open)
  return props.open && parts && <parts.Palette {...props} />
}
