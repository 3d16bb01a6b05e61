/** The edge of a side region: dragged, or moved with the arrow keys. */
import { type KeyboardEvent, type PointerEvent, useRef } from 'react'

import { cx } from '../cx'

const STEP = 16

interface ResizeEdgeProps {
  side: 'left' | 'right'
  label: string
  width: number
  min: number
  max: number
  onResize: (width: number) => void
}

export function ResizeEdge({ side, label, width, min, max, onResize }: ResizeEdgeProps) {
  const start = useRef<{ x: number; width: number } | null>(null)
  const grows = side === 'left' ? 1 : -1
  const resize = (next: number) => onResize(Math.round(Math.min(max, Math.max(min, next))))

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    start.current = { x: event.clientX, width }
  }
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (start.current) resize(start.current.width + (event.clientX - start.current.x) * grows)
  }
  const release = () => {
    start.current = null
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowLeft: -STEP * grows, ArrowRight: STEP * grows, Home: min - width, End: max - width }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    resize(width + step)
  }

  return (
    // A focusable separator is the pattern for a splitter, though the rule takes it for decoration.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- see above
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={min}
      aria-valuemax={max}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above
      tabIndex={0}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={release}
      onPointerCancel={release}
      onKeyDown={onKeyDown}
      className={cx(
        'absolute inset-y-0 z-10 w-2 cursor-col-resize touch-none transition-colors hover:bg-accent/25 focus-visible:bg-accent/40 focus-visible:outline-none active:bg-accent/40',
        side === 'left' ? '-right-1' : '-left-1',
      )}
    />
  )
}
