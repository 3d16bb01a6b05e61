/** The whole chat goes to paper: all of it is laid out before the browser prints, and older pages are read first. */
import { useEffect, useState } from 'react'
import { flushSync } from 'react-dom'

import { useLatest, useWindowEvent } from '@/shared/hooks'

interface PrintingOptions {
  hasOlder: boolean
  isLoadingOlder: boolean
  onOlder: () => void
}

/** Whether everything is to be laid out. */
export function usePrinting({ hasOlder, isLoadingOlder, onOlder }: PrintingOptions): boolean {
  const [isPrinting, setPrinting] = useState(false)
  const [isWanted, setWanted] = useState(false)
  // The browser takes its picture right after this event.
  useWindowEvent('beforeprint', () => flushSync(() => setPrinting(true)))
  useWindowEvent('afterprint', () => setPrinting(false))
  useWindowEvent('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== 'p' || !hasOlder) return
    event.preventDefault()
    setWanted(true)
  })

  const loadOlder = useLatest(onOlder)
  useEffect(() => {
    if (!isWanted || isLoadingOlder) return
    if (hasOlder) {
      loadOlder.current()
      return
    }
    setWanted(false)
    // Not from within an effect, where nothing can be laid out at once.
    setTimeout(() => window.print())
  }, [isWanted, hasOlder, isLoadingOlder, loadOlder])
  return isPrinting
}
