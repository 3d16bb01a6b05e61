/** Renames in place: Enter keeps, Escape leaves it, going elsewhere keeps. */
import { useLingui } from '@lingui/react/macro'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'

import { isEnter, isEscape } from '@/shared/lib/keys'

interface RenameFieldProps {
  title: string
  /** Null when nothing shall change; by a key the focus stays here, otherwise it is elsewhere already. */
  onDone: (title: string | null, isByKey: boolean) => void
}

export function RenameField({ title, onDone }: RenameFieldProps) {
  const { t } = useLingui()
  const [text, setText] = useState(title)
  const field = useRef<HTMLInputElement>(null)
  const isDone = useRef(false)

  useEffect(() => {
    // The menu gives the focus back to its button when it closes; take it afterwards.
    const timer = requestAnimationFrame(() => field.current?.select())
    return () => cancelAnimationFrame(timer)
  }, [])

  const finish = (next: string | null, isByKey: boolean) => {
    if (isDone.current) return
    isDone.current = true
    onDone(next, isByKey)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (isEnter(event)) finish(text.trim(), true)
    if (isEscape(event)) finish(null, true)
    event.stopPropagation()
  }
  return (
    <input
      ref={field}
      dir="auto"
      aria-label={t`Name of the chat`}
      value={text}
      maxLength={200}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={() => finish(text.trim(), false)}
      className="h-[34px] w-full rounded-control border border-accent bg-raised px-[9px] text-ui text-ink outline-none max-md:h-11 max-md:text-prose"
    />
  )
}
