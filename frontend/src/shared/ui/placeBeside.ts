/** Where something small stands beside its anchor: on the wished side, else opposite, and always within the window. */
export type Side = 'top' | 'right' | 'bottom' | 'left'

interface Box {
  left: number
  top: number
  width: number
  height: number
}

interface Placing {
  anchor: Box
  size: { width: number; height: number }
  view: { width: number; height: number }
  side: Side
}

const GAP = 6
const EDGE = 8

const OPPOSITE = { top: 'bottom', bottom: 'top', left: 'right', right: 'left' } as const

export function placeBeside({ anchor, size, view, side }: Placing): { left: number; top: number } {
  const at = stand(anchor, size, fits({ anchor, size, view, side }) ? side : OPPOSITE[side])
  return {
    left: Math.max(EDGE, Math.min(at.left, view.width - size.width - EDGE)),
    top: Math.max(EDGE, Math.min(at.top, view.height - size.height - EDGE)),
  }
}

function fits({ anchor, size, view, side }: Placing): boolean {
  switch (side) {
    case 'top':
      return anchor.top - GAP - size.height >= EDGE
    case 'bottom':
      return anchor.top + anchor.height + GAP + size.height <= view.height - EDGE
    case 'left':
      return anchor.left - GAP - size.width >= EDGE
    case 'right':
      return anchor.left + anchor.width + GAP + size.width <= view.width - EDGE
  }
}

function stand(anchor: Box, size: Placing['size'], side: Side): { left: number; top: number } {
  const middle = { left: anchor.left + (anchor.width - size.width) / 2, top: anchor.top + (anchor.height - size.height) / 2 }
  switch (side) {
    case 'top':
      return { left: middle.left, top: anchor.top - GAP - size.height }
    case 'bottom':
      return { left: middle.left, top: anchor.top + anchor.height + GAP }
    case 'left':
      return { left: anchor.left - GAP - size.width, top: middle.top }
    case 'right':
      return { left: anchor.left + anchor.width + GAP, top: middle.top }
  }
}
