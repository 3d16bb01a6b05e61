import { useCallback, useRef } from 'react'

/** Gives the focus back to what stood where a field was opened, once it stands there again. */
export function useReturningFocus() {
  const isExpected = useRef(false)
  const expect = useCallback(() => {
    isExpected.current = true
  }, [])
  const take = useCallback((element: HTMLElement | null) => {
    if (element === null || !isExpected.current) return
    isExpected.current = false
    element.focus({ preventScroll: true })
  }, [])
  return { expect, take }
}
