import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'

import { ApiError, dropFirstReading, readAgain, sessionKeys } from '@/shared/api'
import { useNotes, useOnResume } from '@/shared/stream'

import { chatSessionQuery } from '../api/chatSession'
import { messageKeys, messagesQuery } from '../api/messages'
import { runKeys } from '../api/runs'
import type { Message } from '../model/message'
import { joinPages, withExchange } from '../model/path'
import { splitQueue, undecidedRun, type QueuedPath } from '../model/queue'
import { useRuntime, useFollow, useOutgoing, useRun } from './useRuntime'

/** The active path of a session with what is being sent, kept in step with other tabs. */
export function usePath(sessionId: string) {
  const messages = useInfiniteQuery(messagesQuery(sessionId))
  const session = useQuery(chatSessionQuery(sessionId))
  const outgoing = useOutgoing(sessionId)

  const stored = useMemo(() => joinPages(messages.data?.pages ?? []), [messages.data])
  const whole = useMemo(() => outgoing.reduce<readonly Message[]>(withExchange, stored), [stored, outgoing])
  const queue = useQueue(whole)
  useFollow(whole)
  useOtherTabs(sessionId, stored, queue.shown.at(-1) ?? null)

  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = messages
  const loadOlder = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  /** Reads older pages as far as a message, or all of them. `lost`: a page failed, or brought nothing. */
  const readOlder = useCallback(
    async (wantedId: string | null): Promise<'found' | 'whole' | 'lost'> => {
      for (let count = -1; ; ) {
        const { data, hasNextPage: goesOn, isError } = await fetchNextPage({ cancelRefetch: false })
        const path = joinPages(data?.pages ?? [])
        if (path.some(({ id }) => id === wantedId)) return 'found'
        if (!isError && !goesOn) return 'whole'
        if (isError || path.length === count) return 'lost'
        count = path.length
      }
    },
    [fetchNextPage],
  )

  return {
    /** What is shown as conversation; `line` has besides what waits for its last answer. */
    path: queue.shown,
    queue,
    leafId: whole.at(-1)?.id ?? null,
    outgoing,
    session: session.data ?? null,
    isLoading: messages.isPending,
    error: messages.error ?? null,
    isMissing: whole.length === 0 && isNotThere(messages.error),
    retry: () => void messages.refetch(),
    hasOlder: hasNextPage,
    isLoadingOlder: isFetchingNextPage,
    isOlderLost: isFetchNextPageError,
    loadOlder,
    readOlder,
  }
}

/** Gone, never there, somebody else's, or no id at all. */
function isNotThere(error: Error | null): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 422)
}

/** The conversation and the questions in queue behind it. */
function useQueue(path: readonly Message[]): QueuedPath {
  const run = useRun(undecidedRun(path))
  const runId = run?.id ?? null
  const isHeld = run?.queue?.waits_for === 'person'
  return useMemo(() => splitQueue(path, runId === null ? null : { runId, isHeld }), [path, runId, isHeld])
}

/** When a note says that this session changed, look whether its leaf and its last answer are still ours. */
function useOtherTabs(sessionId: string, stored: readonly Message[], lastShown: Message | null): void {
  const cache = useQueryClient()
  const runtime = useRuntime()
  const leafId = stored.at(-1)?.id ?? null
  const isBusy = () => runtime.outbox.of(sessionId).length > 0

  const look = async () => {
    if (isBusy()) return
    const query = chatSessionQuery(sessionId)
    await dropFirstReading(cache, query.queryKey)
    const session = await cache.fetchQuery({ ...query, staleTime: 0 }).catch(() => null)
    if (session === null || isBusy()) return
    if (session.active_leaf_id !== leafId) await readAgain(cache, messageKeys.path(sessionId))
    else if (lastShown !== null && isSettled(lastShown)) await runtime.refreshMessage(lastShown)
  }

  useNotes(({ topic, id, change }) => {
    const isOurs = topic === 'session' && id === sessionId
    const isForeignRun = topic === 'run' && runtime.runs.get(id) === null
    if (isOurs || isForeignRun) void look()
    if (topic !== 'run') return
    void readAgain(cache, runKeys.one(id))
    const isInQueue = stored.some((message) => message.run_id === id)
    if (isInQueue && QUEUE_CHANGES.has(change)) void readAgain(cache, messageKeys.path(sessionId))
  })
  useOnResume(() => {
    void readAgain(cache, messageKeys.path(sessionId))
    void readAgain(cache, runKeys.all)
    void readAgain(cache, sessionKeys.one(sessionId))
  })
}

const QUEUE_CHANGES: ReadonlySet<string> = new Set(['edited', 'removed', 'held'])

/** No event tells of an answer whose run is over: another run may fill it, or it may be given up. */
function isSettled({ role, status }: Message): boolean {
  return role === 'assistant' && (status === 'waiting' || status === 'stopped' || status === 'complete')
}
