/** Where an answer is on its way from the question to its end. */
import type { MessageStatus } from '@/shared/api'

/** Something writes it, or is about to. */
export function isInProgress(status: MessageStatus): boolean {
  return status === 'queued' || status === 'streaming'
}

/** In progress, or interrupted and waiting for a person. */
export function isUnfinished(status: MessageStatus): boolean {
  return isInProgress(status) || status === 'waiting'
}
