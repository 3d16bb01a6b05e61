/** Whether the end of the list is out of sight; one who follows it keeps it when the composer, the line of questions or a turned phone takes room. */
import { useCallback, useEffect, useLayoutEffect, useState, type RefObject } from 'react'

import { useLatest } from '@/shared/hooks'

import { distanceFromEnd } from './distanceFromEnd'

const AWAY_PX = 192

interface EndOptions {
  scroller: RefObject<HTMLElement | null>
  isFollowing: boolean
  toEnd: () => void
  /** Of all that can be scrolled through: what grows below may take the end out of sight without a scroll. */
  height: number
}

export function useEnd({ scroller, isFollowing, toEnd, height }: EndOptions) {
  const [isAway, setAway] = useState(false)
  const look = useCallback(() => {
    const element = scroller.current
    if (element !== null) setAway(distanceFromEnd(element) > AWAY_PX)
  }, [scroller])
  // While the end is followed, what grows is scrolled to: each scroll looks.
  useEffect(() => {
    if (!isFollowing) look()
  }, [look, height, isFollowing])

  // Who was taken elsewhere by no hand of theirs, as by a search in the page, is not pulled back.
  const onResize = useLatest(() => {
    if (isFollowing && !isAway) toEnd()
    look()
  })
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => onResize.current())
    observer.observe(element)
    return () => observer.disconnect()
  }, [scroller, onResize])
  return { isAway, look }
}
