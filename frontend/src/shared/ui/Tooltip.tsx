/** Names what an icon does; never the only place of a fact. */
import { Slot } from 'radix-ui'
import { type PointerEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'

import { isEscape } from '@/shared/lib/keys'

import { placeBeside, type Side } from './placeBeside'

const OPEN_MS = 400
/** Time to reach the tooltip itself with the pointer. */
const GRACE_MS = 120
/** After one tooltip the next comes at once. */
const WARM_MS = 300

let lastShown = 0

interface TooltipProps {
  text: ReactNode
  side?: Side
  children: ReactNode
}

export function Tooltip({ text, side = 'bottom', children }: TooltipProps) {
  const id = useId()
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])

  const show = (element: HTMLElement, wait: number) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setAnchor(element), wait)
  }
  const hide = (wait = 0) => {
    clearTimeout(timer.current)
    if (anchor) lastShown = Date.now()
    if (wait === 0) setAnchor(null)
    else timer.current = setTimeout(() => setAnchor(null), wait)
  }
  const onPointerEnter = (event: PointerEvent<HTMLElement>) => {
    if (event.pointerType === 'touch') return
    show(event.currentTarget, Date.now() - lastShown < WARM_MS ? 0 : OPEN_MS)
  }

  return (
    <>
      <Slot.Root
        aria-describedby={anchor ? id : undefined}
        onPointerEnter={onPointerEnter}
        onPointerLeave={() => hide(GRACE_MS)}
        onPointerDown={() => hide()}
        onFocus={(event) => event.target.matches(':focus-visible') && show(event.currentTarget as HTMLElement, 0)}
        onBlur={() => hide()}
        onKeyDown={(event) => isEscape(event) && hide()}
      >
        {children}
      </Slot.Root>
      {anchor?.isConnected && (
        <Bubble id={id} anchor={anchor} side={side} onEnter={() => clearTimeout(timer.current)} onLeave={() => hide()}>
          {text}
        </Bubble>
      )}
    </>
  )
}

interface BubbleProps {
  id: string
  anchor: HTMLElement
  side: Side
  onEnter: () => void
  onLeave: () => void
  children: ReactNode
}

function Bubble({ id, anchor, side, onEnter, onLeave, children }: BubbleProps) {
  const bubble = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = bubble.current
    if (!element) return
    const { left, top } = placeBeside({
      anchor: anchor.getBoundingClientRect(),
      size: element.getBoundingClientRect(),
      view: { width: innerWidth, height: innerHeight },
      side,
    })
    element.style.left = `${left}px`
    element.style.top = `${top}px`
  })
  return createPortal(
    <div
      ref={bubble}
      id={id}
      role="tooltip"
      onPointerEnter={onEnter}
      onPointerLeave={onLeave}
      className="animate-appear fixed z-[70] max-w-72 rounded-control bg-ink px-2 py-1 text-badge font-normal text-on-ink"
    >
      {children}
    </div>,
    document.body,
  )
}
