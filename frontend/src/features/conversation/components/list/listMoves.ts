/** What a person does to the list: by wheel, trackpad, finger, keys, or the bar. */
import { distanceFromEnd } from './distanceFromEnd'
import type { RecentHeights } from './recentHeights'

const AT_END_PX = 2
/** A person goes by a picture that is this old: it was drawn, seen, and answered with a hand. */
const SEEN_MS = 500
/** A list still moves for a while after it was pushed; the next scroll comes within this. */
const SWING_MS = 1_000
const UPWARD_KEYS = /^(ArrowUp|PageUp|Home)$/
const DOWNWARD_KEYS = /^(ArrowDown|PageDown|End| )$/

type Listen = <Type extends keyof HTMLElementEventMap>(type: Type, listener: (event: HTMLElementEventMap[Type]) => void) => void
/** The person pushes the list: up below zero, down above. */
type Push = (event: Event, by: number) => void

/** Tells when the person leaves the end and when they are back there. Gives what ends the watch. */
export function watchMoves(element: HTMLElement, heights: RecentHeights, onLeave: () => void, onReach: () => void): () => void {
  const listening = new AbortController()
  const listen: Listen = (type, listener) => element.addEventListener(type, listener, { passive: true, signal: listening.signal })
  watchHands(listen, judgeMoves(element, listen, heights, onLeave, onReach))
  return () => listening.abort()
}

/** Judges by what the person does, not by where the list stands: it stands near its end while they begin to move away from it. */
function judgeMoves(element: HTMLElement, listen: Listen, heights: RecentHeights, onLeave: () => void, onReach: () => void): Push {
  let top = element.scrollTop
  let upAt = 0
  let downAt = 0
  let movingAt = -Infinity
  let isBarHeld = false

  const push: Push = ({ timeStamp }, by) => {
    if (by > 0) {
      downAt = timeStamp
      movingAt = performance.now()
    }
    // A list that fits has no up.
    if (by < 0 && element.scrollTop > 0) {
      top = element.scrollTop
      upAt = timeStamp
      movingAt = -Infinity
      onLeave()
    }
  }
  /** A browser scrolls no further than the end was when the person pushed the list, however much has come until this is told. */
  const isAtEndAsSeen = () => {
    const now = performance.now()
    if (now - movingAt > SWING_MS) return false
    movingAt = now
    return top + element.clientHeight >= heights.leastSince(Math.max(upAt, downAt - SEEN_MS)) - AT_END_PX
  }
  listen('scroll', (event) => {
    const by = element.scrollTop - top
    top = element.scrollTop
    if (isBarHeld) push(event, by)
    if (by > 0 && (distanceFromEnd(element) <= AT_END_PX || isAtEndAsSeen())) onReach()
  })
  listen('pointerdown', ({ target, offsetX }) => {
    isBarHeld = target === element && offsetX >= element.clientWidth
    window.addEventListener('pointerup', () => (isBarHeld = false), { once: true })
  })
  return push
}

/** Keys, wheel and trackpad, and a finger. */
function watchHands(listen: Listen, push: Push): void {
  listen('keydown', (event) => {
    const { key, shiftKey, target } = event
    if (target instanceof Element && target.closest('input, textarea, select') !== null) return
    if (UPWARD_KEYS.test(key) || (key === ' ' && shiftKey)) push(event, -1)
    else if (DOWNWARD_KEYS.test(key)) push(event, 1)
  })
  listen('wheel', (event) => {
    if (!event.ctrlKey) push(event, event.deltaY)
  })
  let finger = 0
  listen('touchstart', ({ touches }) => (finger = touches[0]?.clientY ?? 0))
  listen('touchmove', (event) => {
    const y = event.touches[0]?.clientY ?? finger
    push(event, finger - y)
    finger = y
  })
}
