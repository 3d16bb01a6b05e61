import { useState } from 'react'

import { refocus } from '../../lib/refocus'

/**
 * Gives the focus back when something that lay over the page closes. Radix gives it to triggers of its own only, or to
 * what had it when its content was there: a field in it that took the focus as it came.
 */
export function useFocusBefore(open: boolean, returnTo?: () => Element | null): (event: Event) => void {
  const [wasOpen, setWasOpen] = useState(false)
  const [before, setBefore] = useState<Element | null>(null)
  if (open !== wasOpen) {
    setWasOpen(open)
    if (open) setBefore(document.activeElement)
  }
  return (event) => {
    event.preventDefault()
    refocus(returnTo?.() ?? before)
  }
}
