import { useCallback, useEffect, useRef, useState } from 'react'

import { readStored, writeStored } from '@/shared/lib/storage'

import { fetchDraft, saveDraft } from '../api/drafts'

const SAVE_AFTER_MS = 800

const localKey = (sessionId: string | null) => `draft.${sessionId ?? 'new'}`

/** What is being typed: kept in this browser at once, on the server a moment later. */
export function useDraft(sessionId: string | null) {
  const [text, setText] = useState(() => readStored<string>(localKey(sessionId), ''))
  const isTouched = useRef(text !== '')
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  useEffect(() => {
    if (sessionId === null || isTouched.current) return
    let isCurrent = true
    fetchDraft(sessionId)
      .then((draft) => {
        if (isCurrent && !isTouched.current && draft.text !== '') setText(draft.text)
      })
      // Typing needs no server; what is typed is kept here all the same.
      .catch(() => undefined)
    return () => {
      isCurrent = false
    }
  }, [sessionId])

  const change = useCallback(
    (next: string) => {
      isTouched.current = true
      setText(next)
      writeStored(localKey(sessionId), next)
      clearTimeout(timer.current)
      if (sessionId === null) return
      timer.current = setTimeout(() => void saveDraft(sessionId, next).catch(() => undefined), SAVE_AFTER_MS)
    },
    [sessionId],
  )
  const latest = useRef(text)
  useEffect(() => {
    latest.current = text
  })
  /** Words that the server did not take stand before what was written since. */
  const restoreDraft = useCallback(
    (words: string) => change(latest.current.trim() === '' ? words : `${words}\n\n${latest.current}`),
    [change],
  )
  return [text, change, restoreDraft] as const
}
