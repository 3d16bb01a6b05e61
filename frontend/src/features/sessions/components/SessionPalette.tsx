/** Ctrl-K: loaded when it is first asked for. */
import type { ReactNode } from 'react'

import { defer, useDeferred } from '@/shared/lib/deferred'

const palette = defer(() => import('./Palette'))

export interface PaletteCommand {
  id: string
  label: string
  icon: ReactNode
  onRun: () => void
}

export interface SessionPaletteProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  commands: PaletteCommand[]
  onOpenSession: (id: string) => void
}

export function SessionPalette(props: SessionPaletteProps) {
  const parts = useDeferred(palette, props.open)
  return props.open && parts && <parts.Palette {...props} />
}
