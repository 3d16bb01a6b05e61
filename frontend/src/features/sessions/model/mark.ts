/** Which mark a session's row carries. */
import type { ChatSession } from '@/shared/api'

export type SessionMark = 'live' | 'paused' | 'waiting' | 'failed' | 'unread' | null

interface MarkInput {
  session: Pick<ChatSession, 'run_status' | 'updated_at' | 'origin'>
  /** When this browser last showed the session. */
  seenAt: string
  isOpen: boolean
  isPaused?: boolean
}

export function sessionMark({ session, seenAt, isOpen, isPaused = false }: MarkInput): SessionMark {
  const { run_status: status, updated_at: changedAt, origin } = session
  if (status === 'queued' || status === 'running') return isPaused ? 'paused' : 'live'
  if (status === 'waiting') return 'waiting'
  if (isOpen || status === null || Date.parse(changedAt) <= Date.parse(seenAt)) return null
  return status === 'failed' ? 'failed' : unread(origin)
}

/** A program has read what it asked for. */
const unread = (origin: ChatSession['origin']): SessionMark => (origin === 'app' ? 'unread' : null)
