import { isLive, type Message, type MessageStatus } from '../model/message'
import type { Outgoing } from '../model/exchanges'
import { hasEnded, type RunState } from '../model/runState'
import { useRunState } from './useDesk'

/** Whether the answer at the end of the path is being made, and how it ended. */
export function useAnswering(leaf: Message | null, outgoing: Outgoing | null) {
  const run = useRunState(leaf?.run_id ?? null)
  if (leaf === null) return { isAnswering: false, wentWell: false }
  const status = statusOf(leaf, run)
  const isUnsent = outgoing !== null && outgoing.error !== null
  return { isAnswering: !isUnsent && (status === 'queued' || status === 'streaming'), wentWell: status === 'complete' }
}

/** The run knows earlier than the stored message. A user message has no run and is complete. */
function statusOf(message: Message, run: RunState | null): MessageStatus {
  if (message.role === 'user' || !isLive(message) || run === null) return message.status
  return hasEnded(run) ? run.status : message.status
}
