/** Which messages of a path are mounted, and where they stand. */
import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual'
import type { RefObject } from 'react'

import { useRuntime } from '../../hooks/useRuntime'
import { estimateHeight } from '../../model/estimateHeight'
import type { Message } from '../../model/message'
import { useAnchoring } from './useAnchoring'

export const NEAR_END_PX = 64
export const PADDING_START = 24
const BEYOND_THE_END = 10_000_000

interface VirtualMessagesOptions {
  path: readonly Message[]
  scroller: RefObject<HTMLDivElement | null>
  /** Where to begin; null at the end. */
  startAt: number | null
  /** Whether the list goes along with what grows at its end. */
  isFollowing: boolean
  /** Something is being unfolded: the list keeps its place. */
  isHeld: boolean
}

export function useVirtualMessages({ path, scroller, startAt, isFollowing, isHeld }: VirtualMessagesOptions): Virtualizer<HTMLDivElement, Element> {
  const { outbox } = useRuntime()
  const anchoring = useAnchoring()
  return useVirtualizer<HTMLDivElement, Element>({
    ...anchoring,
    count: path.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => {
      const message = path[index]
      return message === undefined ? 0 : estimateHeight(message)
    },
    getItemKey: (index) => {
      const message = path[index]
      return message === undefined ? index : outbox.keyOf(message)
    },
    anchorTo: 'end',
    // The first picture is of the end; the beginning need not be laid out for it.
    initialOffset: startAt ?? BEYOND_THE_END,
    followOnAppend: isFollowing,
    // Held, or left by a person: nothing counts as the end, so the list does not follow what grows or is unfolded there.
    scrollEndThreshold: isHeld || !isFollowing ? -1 : NEAR_END_PX,
    overscan: 3,
    paddingStart: PADDING_START,
    paddingEnd: 12,
  })
}
