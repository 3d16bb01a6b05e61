import { useEffect, useRef, useState } from 'react'

interface QueueOptions {
  isAnswering: boolean
  /** The answer ended as it should; after a stop or a failure nothing goes out by itself. */
  wentWell: boolean
  onSend: (text: string) => void
}

/** One question that waits for the answer above it. It stays in the draft, so that closing the tab does not lose it. */
export function useQueue({ isAnswering, wentWell, onSend }: QueueOptions) {
  const [text, setText] = useState<string | null>(null)
  const send = useRef(onSend)
  useEffect(() => {
    send.current = onSend
  })
  useEffect(() => {
    if (isAnswering || text === null) return
    setText(null)
    if (wentWell) send.current(text)
  }, [isAnswering, wentWell, text])

  return { text, put: setText, remove: () => setText(null) }
}
