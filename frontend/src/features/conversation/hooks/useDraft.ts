import { useEffect, useMemo, useSyncExternalStore } from 'react'

import { useNotes } from '@/shared/stream'

import type { Refusal } from '../model/refusals'
import { useRuntime } from './useRuntime'

export interface Draft {
  text: string
  /** Why the server did not take what stands here. */
  refusal: Refusal | null
  change: (text: string) => void
  /** It was sent. */
  clear: () => void
  /** Takes words that the server did not take. */
  restore: (words: string) => void
}

/** What is being typed in a chat, the one that has not begun where there is no id: the same in all tabs. */
export function useDraft(sessionId: string | null): Draft {
  const { drafts } = useRuntime()
  const text = useSyncExternalStore(drafts.subscribe, () => drafts.get(sessionId))
  const refusal = useSyncExternalStore(drafts.subscribeToRefusals, () => drafts.refusalOf(sessionId))

  useEffect(() => {
    if (sessionId !== null) void drafts.refresh(sessionId)
  }, [drafts, sessionId])
  // Sent from another device: there it is no draft any more.
  useNotes(({ topic, id }) => {
    if (topic === 'session' && id === sessionId && drafts.get(sessionId) !== '') void drafts.refresh(sessionId)
  })

  return useMemo(
    () => ({
      text,
      refusal,
      change: (next: string) => drafts.type(sessionId, next),
      clear: () => drafts.clear(sessionId),
      restore: (words: string) => drafts.restore(sessionId, words),
    }),
    [drafts, sessionId, text, refusal],
  )
}
