import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'

import { sessionKeys } from '@/shared/api'
import { useNotes, useOnResume } from '@/shared/stream'

import { chatSessionQuery } from '../api/chatSession'
import { messageKeys, messagesQuery } from '../api/messages'
import type { Message } from '../model/message'
import { joinPages, withExchange } from '../model/path'
import { useDesk, useFollow, useOutgoing } from './useDesk'

/** The active path of a session with what is being sent, kept in step with other tabs. */
export function usePath(sessionId: string) {
  const messages = useInfiniteQuery(messagesQuery(sessionId))
  const session = useQuery(chatSessionQuery(sessionId))
  const outgoing = useOutgoing(sessionId)

  const stored = useMemo(() => joinPages(messages.data?.pages ?? []), [messages.data])
  const path = useMemo(() => (outgoing === null ? stored : withExchange(stored, outgoing)), [stored, outgoing])
  useFollow(path)
  useOtherTabs(sessionId, stored)

  const { hasNextPage, isFetchingNextPage, fetchNextPage } = messages
  const loadOlder = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])

  return {
    path,
    outgoing,
    session: session.data ?? null,
    isLoading: messages.isPending,
    error: messages.error ?? null,
    retry: () => void messages.refetch(),
    hasOlder: hasNextPage,
    isLoadingOlder: isFetchingNextPage,
    loadOlder,
  }
}

/** When a note says that this session changed, look whether its leaf is still ours. */
function useOtherTabs(sessionId: string, stored: readonly Message[]): void {
  const cache = useQueryClient()
  const { runs, exchanges } = useDesk()
  const leafId = stored.at(-1)?.id ?? null

  const look = async () => {
    if (exchanges.get(sessionId) !== null) return
    const session = await cache.fetchQuery({ ...chatSessionQuery(sessionId), staleTime: 0 }).catch(() => null)
    if (session === null || session.active_leaf_id === leafId || exchanges.get(sessionId) !== null) return
    await cache.invalidateQueries({ queryKey: messageKeys.path(sessionId) })
  }

  useNotes((note) => {
    const isOurs = note.topic === 'session' && note.id === sessionId
    const isForeignRun = note.topic === 'run' && runs.get(note.id) === null
    if (isOurs || isForeignRun) void look()
  })
  useOnResume(() => {
    void cache.invalidateQueries({ queryKey: messageKeys.path(sessionId) })
    void cache.invalidateQueries({ queryKey: sessionKeys.one(sessionId) })
  })
}
