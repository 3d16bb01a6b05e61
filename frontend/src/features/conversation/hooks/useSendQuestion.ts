import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'

import { sessionKeys, useErrorText } from '@/shared/api'
import { useLatest } from '@/shared/hooks'
import { toasts } from '@/shared/ui'

import { showBranch } from '../api/chatSession'
import { messageKeys } from '../api/messages'
import type { Outgoing } from '../model/outgoing'
import type { AttachedPart, Message } from '../model/message'
import { outgoingQuestion, outgoingRepeat } from '../model/outgoing'
import { useRuntime } from './useRuntime'

/** What a person can send in a session: a question, the same differently, a repeat of an answer. The functions stay the same between renders. */
export function useSendQuestion(sessionId: string, model: string | null) {
  const runtime = useRuntime()
  const chosen = useLatest(model)
  return useMemo(
    () => ({
      ask: (text: string, parentId: string | null, parts: readonly AttachedPart[] = []) =>
        runtime.send(outgoingQuestion({ sessionId, text, parts, parentId, model: chosen.current })),
      /** Ask behind whatever is last in the queue. */
      queue: (text: string, leafId: string | null, parts: readonly AttachedPart[] = []) =>
        runtime.send(outgoingQuestion({ sessionId, text, parts, parentId: leafId, model: chosen.current, joinsQueue: true })),
      repeat: (answer: Message, other?: string) => runtime.send(outgoingRepeat(answer, other ?? chosen.current)),
      tryAgain: () => runtime.retry(sessionId),
      takeBack: (exchange: Outgoing) => runtime.takeBack(exchange),
    }),
    [runtime, sessionId, chosen],
  )
}

/** Look at another branch; what was shown stays until the branch is there. */
export function useBranch(sessionId: string) {
  const cache = useQueryClient()
  const textOf = useErrorText()
  return useMutation({
    mutationFn: (messageId: string) => showBranch(sessionId, messageId),
    onSuccess: async (session) => {
      cache.setQueryData(sessionKeys.one(sessionId), session)
      await cache.invalidateQueries({ queryKey: messageKeys.path(sessionId) })
    },
    onError: (error) => toasts.show({ text: textOf(error), tone: 'error' }),
  })
}
