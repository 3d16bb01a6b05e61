/** A sheet from below with two heights, half and nearly all; the grip drags or presses between them. */
import { useLingui } from '@lingui/react/macro'
import { type PointerEvent, type ReactNode, useRef, useState } from 'react'

import { cx } from '../cx'
import { Sheet } from '../floating/Sheet'

const HALF = 50
const TALL = 92
const DRAG_PX = 40

interface BottomSheetProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  label: string
  className?: string
  children: ReactNode
}

export function BottomSheet({ open, onOpenChange, label, className, children }: BottomSheetProps) {
  const { t } = useLingui()
  const [isTall, setTall] = useState(false)
  const startY = useRef<number | null>(null)

  const onPointerDown = (event: PointerEvent<HTMLButtonElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    startY.current = event.clientY
  }
  const onPointerUp = (event: PointerEvent<HTMLButtonElement>) => {
    const moved = startY.current === null ? 0 : event.clientY - startY.current
    startY.current = null
    if (moved < -DRAG_PX) setTall(true)
    else if (moved > DRAG_PX && isTall) setTall(false)
    else if (moved > DRAG_PX) onOpenChange(false)
  }

  return (
    <Sheet side="bottom" open={open} onOpenChange={onOpenChange} label={label} className={cx('h-(--sheet)', className)} style={{ '--sheet': `${isTall ? TALL : HALF}dvh` }}>
      <button
        type="button"
        aria-label={isTall ? t`Make the sheet smaller` : t`Make the sheet taller`}
        onPointerDown={onPointerDown}
        onPointerUp={onPointerUp}
        onClick={(event) => {
          // A press by keyboard or assistive technology carries no pointer travel.
          if (event.detail === 0) setTall(!isTall)
        }}
        className="flex h-7 w-full flex-none touch-none items-center justify-center rounded-t-dialog -outline-offset-4"
      >
        <span aria-hidden className="h-1 w-9 rounded-full bg-line-strong" />
      </button>
      {children}
    </Sheet>
  )
}
