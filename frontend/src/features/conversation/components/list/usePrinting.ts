/** The whole chat goes to paper where it is printed with the keys: older pages are read first. From the browser's menu only what is loaded can. */
import { useLingui } from '@lingui/react/macro'
import { useEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'

import { useWindowEvent } from '@/shared/hooks'
import { toasts } from '@/shared/ui'

interface PrintingOptions {
  hasOlder: boolean
  /** Reads all older pages. False where they did not all come. */
  onAll: () => Promise<boolean>
}

/** Whether everything is to be laid out. */
export function usePrinting({ hasOlder, onAll }: PrintingOptions): boolean {
  const { t } = useLingui()
  const [isPrinting, setPrinting] = useState(false)
  const isReading = useRef(false)
  useEffect(
    () => () => {
      isReading.current = false
    },
    [],
  )
  // The browser takes its picture right after this event: nothing more can be read then.
  useWindowEvent('beforeprint', () => flushSync(() => setPrinting(true)))
  useWindowEvent('afterprint', () => setPrinting(false))
  useWindowEvent('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== 'p' || !hasOlder) return
    event.preventDefault()
    if (!isReading.current) void readAndPrint()
  })

  const readAndPrint = async () => {
    isReading.current = true
    const isWhole = await onAll()
    // Whoever has left the chat prints nothing.
    if (!isReading.current) return
    isReading.current = false
    // After what was read last is on the page.
    if (isWhole) setTimeout(() => window.print())
    else toasts.show({ text: t`Nothing was printed: earlier messages could not be read. Try again.`, tone: 'error' })
  }
  return isPrinting
}
