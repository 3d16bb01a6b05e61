import { useLingui } from '@lingui/react/macro'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import type { FeedbackChange } from '@/shared/api'
import { toasts } from '@/shared/ui'

import { putFeedback, putMessage } from '../api/messages'
import type { Message } from '../model/message'

/** Thumbs on an answer: shown at once, taken back where the server did not keep them. */
export function useRating(message: Message) {
  const { t } = useLingui()
  const cache = useQueryClient()
  const rating = message.feedback?.rating ?? null
  const { mutate } = useMutation({
    mutationFn: (change: FeedbackChange) => putFeedback(message.id, change),
    onMutate: ({ rating: next, reason = null, text = null }) => {
      putMessage(cache, { ...message, feedback: next === null ? null : { rating: next, reason, text } })
    },
    onError: () => {
      putMessage(cache, message)
      toasts.show({ text: t`Your rating was not saved. Try again.`, tone: 'error' })
    },
  })
  return {
    rating,
    /** Pressing the same thumb again takes it back. */
    press: (next: 'up' | 'down') => mutate({ rating: rating === next ? null : next }),
    explain: (reason: string | null, text: string | null) => mutate({ rating: 'down', reason, text }),
  }
}
