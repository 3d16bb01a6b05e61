/** Whether the list keeps to its end while that grows: until a person moves up, however gently, and again once they are back there. */
import { useCallback, useEffect, useState, type RefObject } from 'react'
import { flushSync } from 'react-dom'

import { watchMoves } from './listMoves'
import { recentHeights } from './recentHeights'

export function useFollowing(scroller: RefObject<HTMLElement | null>, startsAtEnd: boolean) {
  const [isFollowing, setFollowing] = useState(startsAtEnd)
  const [heights] = useState(recentHeights)
  const follow = useCallback(() => setFollowing(true), [])
  const noteHeight = useCallback((height: number) => heights.note(height, performance.now()), [heights])
  useEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    // At once: what grows before the next picture would take the move back.
    const leave = () => flushSync(() => setFollowing(false))
    return watchMoves(element, heights, leave, follow)
  }, [scroller, heights, follow])
  return { isFollowing, follow, noteHeight }
}
