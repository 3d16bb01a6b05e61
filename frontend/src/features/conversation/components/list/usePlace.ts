/** Where a person was reading in a chat: kept when they leave it, taken up when they come back. */
import type { Virtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useState } from 'react'

import { useLatest } from '@/shared/hooks'

import { estimateHeight } from '../../model/estimateHeight'
import type { Message } from '../../model/message'
import type { Place, Places } from '../../runtime/places'

/** The offset at which the place would be by estimate: what is measured above it later moves it along. Null: at the end. */
export function usePlaceBefore(places: Places, path: readonly Message[], paddingStart: number): number | null {
  const [offset] = useState(() => offsetOf(places.of(path[0]?.session_id ?? ''), path, paddingStart))
  return offset
}

function offsetOf(place: Place | null, path: readonly Message[], paddingStart: number): number | null {
  const index = place === null ? -1 : path.findIndex(({ id }) => id === place.messageId)
  if (place === null || index === -1) return null
  return path.slice(0, index).reduce((sum, message) => sum + estimateHeight(message), paddingStart) + place.above
}

export function useKeepPlace(places: Places, path: readonly Message[], list: Virtualizer<HTMLDivElement, Element>, isFollowing: boolean): void {
  const latest = useLatest({ path, isFollowing })
  useLayoutEffect(
    () => () => {
      const { path: shown, isFollowing: isAtEnd } = latest.current
      const sessionId = shown[0]?.session_id
      if (sessionId !== undefined) places.leave(sessionId, isAtEnd ? null : placeIn(list, shown))
    },
    [places, list, latest],
  )
}

function placeIn(list: Virtualizer<HTMLDivElement, Element>, path: readonly Message[]): Place | null {
  const offset = list.scrollOffset ?? 0
  const item = list.getVirtualItems().find(({ end }) => end > offset)
  const message = item === undefined ? undefined : path[item.index]
  return item === undefined || message === undefined ? null : { messageId: message.id, above: offset - item.start }
}
