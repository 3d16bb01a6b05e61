/** The open chat is being read, also while the list is folded away: whatever changes in it is seen. */
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'

import { sessionQuery } from '../api/sessions'
import { seenSessions } from './useSeenSessions'

export function useMarkSeen(openId: string | undefined): void {
  const { data: open } = useQuery({ ...sessionQuery(openId ?? ''), enabled: openId !== undefined })
  const changedAt = open?.updated_at
  useEffect(() => {
    if (openId !== undefined && changedAt !== undefined) seenSessions.mark(openId, changedAt)
  }, [openId, changedAt])
}
