/** What was thrown into an answer and has not yet been read there: what the server tells, and what is on its way to it. */
import type { Run } from '@/shared/api'

import type { AnswerPart } from './answer'
import { steerKey } from './runEntries'

export interface PendingSteer {
  id: string
  text: string
}

/** In the order in which they will be read. The answer's own parts tell sooner than the server that one has been. */
export function unreadSteers(run: Run | null, outgoing: readonly PendingSteer[], parts: readonly AnswerPart[]): PendingSteer[] {
  const stored = (run?.pending_steers ?? []).map(({ id, content }) => ({ id, text: content }))
  const sent = outgoing.filter(({ id }) => stored.every((known) => known.id !== id))
  const read = new Set(parts.map(({ key }) => key))
  return [...stored, ...sent].filter(({ id }) => !read.has(steerKey(id)))
}
