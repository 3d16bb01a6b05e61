import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef } from 'react'

import { sessionKeys, useErrorText } from '@/shared/api'
import { toasts } from '@/shared/ui'

import { showBranch } from '../api/chatSession'
import { messageKeys } from '../api/messages'
import type { Outgoing } from '../model/exchanges'
import type { Message } from '../model/message'
import { outgoingQuestion, outgoingRepeat } from '../model/outgoing'
import { useDesk } from './useDesk'

/** What a person can do in a session: ask, ask differently, answer anew, stop. The functions stay the same between renders. */
export function useAsking(sessionId: string, model: string | null) {
  const desk = useDesk()
  const chosen = useRef(model)
  useEffect(() => {
    chosen.current = model
  })
  return useMemo(
    () => ({
      ask: (text: string, parentId: string | null) =>
        desk.send(outgoingQuestion({ sessionId, text, parentId, model: chosen.current })),
      /** Ask behind whatever is last in line. */
      queue: (text: string, leafId: string | null) =>
        desk.send(outgoingQuestion({ sessionId, text, parentId: leafId, model: chosen.current, joinsLine: true })),
      repeat: (answer: Message) => desk.send(outgoingRepeat(answer, chosen.current)),
      tryAgain: () => desk.sendAgain(sessionId),
      takeBack: (exchange: Outgoing) => desk.takeBack(exchange),
    }),
    [desk, sessionId],
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
