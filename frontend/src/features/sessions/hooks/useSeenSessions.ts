import { useWindowEvent } from '@/shared/hooks'
import { useStore } from '@/shared/lib/useStore'

import { SeenSessions } from '../model/seen'

function openStorage(): Storage | null {
  try {
    return localStorage
  } catch {
    return null
  }
}

export const seenSessions = new SeenSessions(openStorage())

/** What this browser has shown, across its tabs. */
export function useSeenSessions() {
  useWindowEvent('storage', () => seenSessions.reload())
  return useStore(seenSessions)
}
