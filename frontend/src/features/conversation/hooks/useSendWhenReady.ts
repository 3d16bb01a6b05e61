import { useEffect, useRef, useState } from 'react'

interface Sendable {
  words: string
  hasContent: boolean
  /** The question before, or a file, is on its way still. */
  isWaiting: boolean
  /** Something has to be put right first. */
  isBlocked: boolean
  onSend: (text: string) => void
}

/** Pressed a moment too early: it goes out as soon as it can, unless one writes on or something fails meanwhile. */
export function useSendWhenReady({ words, hasContent, isWaiting, isBlocked, onSend }: Sendable) {
  const [held, setHeld] = useState<string | null>(null)
  const isHeld = held !== null && held === words && !isBlocked
  const latest = useRef(onSend)
  useEffect(() => {
    latest.current = onSend
  })
  useEffect(() => {
    if (isBlocked) setHeld(null)
    if (!isHeld || isWaiting) return
    setHeld(null)
    latest.current(words)
  }, [isHeld, isWaiting, isBlocked, words])
  const send = () => {
    if (!hasContent || isBlocked) return
    if (isWaiting) setHeld(words)
    else onSend(words)
  }
  return { send, isHeld }
}
