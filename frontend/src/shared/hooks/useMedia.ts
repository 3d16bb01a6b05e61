import { useCallback, useSyncExternalStore } from 'react'

/** Whether a media query matches, now and when it changes. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query)
      list.addEventListener('change', listener)
      return () => list.removeEventListener('change', listener)
    },
    [query],
  )
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches)
}

/** The widths at which the regions change places (see LOOK: layout). */
export const useIsPhone = () => useMedia('(width < 760px)')
export const useIsWide = () => useMedia('(width >= 1180px)')
