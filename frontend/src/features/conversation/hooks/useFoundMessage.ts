import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import { useLatest } from '@/shared/hooks'

import { findMessage } from '../api/messages'
import { useRuntime } from './useRuntime'
import { useBranch } from './useSendQuestion'
import type { usePath } from './usePath'

const MARKED_MS = 6_000
/** Room above it. */
const ABOVE_PX = -24

interface FoundOptions {
  sessionId: string
  /** The message to go to; undefined where nothing was looked for. */
  messageId: string | undefined
  conversation: ReturnType<typeof usePath>
  /** It is in sight, or cannot be. */
  onShown: () => void
}

/** Goes to a message that was found: its branch is shown, older pages are read as far as it, and it is marked for a moment. */
export function useFoundMessage({ sessionId, messageId, conversation, onShown }: FoundOptions) {
  const cache = useQueryClient()
  const { places } = useRuntime()
  const { mutateAsync: showBranch } = useBranch(sessionId)
  const [found, setFound] = useState<{ id: string; count: number } | null>(null)
  const [isMarked, setMarked] = useState(false)

  const isHere = (id: string) => findMessage(cache, sessionId, (message) => message.id === id) !== undefined
  const bring = async (id: string) => {
    if (isHere(id) || (await conversation.readOlder(id)) === 'found') return true
    await showBranch(id)
    return isHere(id) || (await conversation.readOlder(id)) === 'found'
  }
  const latest = useLatest({ bring, onShown })
  const isReady = !conversation.isLoading && conversation.path.length > 0
  useEffect(() => {
    if (messageId === undefined || !isReady) return undefined
    let isLeft = false
    const show = (isThere: boolean) => {
      if (isLeft) return
      if (isThere) {
        places.leave(sessionId, { messageId, above: ABOVE_PX })
        setFound((before) => ({ id: messageId, count: (before?.count ?? 0) + 1 }))
        setMarked(true)
      }
      latest.current.onShown()
    }
    latest.current.bring(messageId).then(show, () => show(false))
    return () => {
      isLeft = true
    }
  }, [messageId, isReady, sessionId, places, latest])

  useEffect(() => {
    if (found === null) return undefined
    const timer = setTimeout(() => setMarked(false), MARKED_MS)
    return () => clearTimeout(timer)
  }, [found])
  /** The list begins anew at each. */
  return { listKey: found?.count ?? 0, markedId: isMarked && found !== null ? found.id : null }
}
