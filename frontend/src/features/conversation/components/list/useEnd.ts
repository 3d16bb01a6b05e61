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
  const [isFar, setFar] = useState(false)
  const look = useCallback(() => {
    const element = scroller.current
    if (element !== null) setFar(distanceFromEnd(element) > AWAY_PX)
  }, [scroller])
  useEffect(look, [look, height, isFollowing])

  const onResize = useLatest(() => {
    if (isFollowing) toEnd()
    look()
  })
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => onResize.current())
    observer.observe(element)
    return () => observer.disconnect()
  }, [scroller, onResize])
  return { isAway: isFar && !isFollowing, look }
}
