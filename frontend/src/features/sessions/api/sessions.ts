/** The caller's chat sessions: listed by pages, renamed, pinned, deleted and brought back. */
import { useLingui } from '@lingui/react/macro'
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'

import { api, type ChatSession, sessionKeys, unwrap, useErrorText } from '@/shared/api'
import { toasts } from '@/shared/ui'

import { patchSession, removeSession, type SessionPage, type SessionPages } from '../model/pages'

/** The person's own chats with all that is pinned, those that programs have begun, or all. */
const SHELVES = {
  own: { origin: ['app'], pins: true },
  programs: { origin: ['api', 'openai', 'responses', 'ag_ui', 'mcp'] },
  all: {},
} satisfies Record<string, { origin?: ChatSession['origin'][]; pins?: boolean }>

export type Shelf = keyof typeof SHELVES

export const sessionsQuery = (q: string, shelf: Shelf = 'all') =>
  infiniteQueryOptions({
    queryKey: sessionKeys.list(q, shelf),
    queryFn: ({ pageParam, signal }) =>
      unwrap<SessionPage>(
        api.GET('/api/v1/sessions', { params: { query: { q: q || undefined, ...SHELVES[shelf], cursor: pageParam ?? undefined } }, signal }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })

/** As the conversation reads it. */
export const sessionQuery = (id: string) =>
  queryOptions({
    queryKey: sessionKeys.one(id),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/sessions/{session_id}', { params: { path: { session_id: id } }, signal })),
  })

/** Sessions whose answer was told to pause; the list itself only tells that it is being written. */
export const pausedQuery = queryOptions({
  queryKey: sessionKeys.paused,
  queryFn: async ({ signal }) => {
    const { items } = await unwrap(api.GET('/api/v1/runs', { params: { query: { status: 'running', limit: 200 } }, signal }))
    return items.filter((run) => run.paused).map((run) => run.session_id)
  },
})

type SessionChange = { id: string } & Partial<Pick<ChatSession, 'pinned'>> & { title?: string }

/** Shows a change at once in every list; what the server says afterwards wins. */
function useChangeLists() {
  const cache = useQueryClient()
  return {
    change: async (edit: (pages: SessionPages | undefined) => SessionPages | undefined) => {
      await cache.cancelQueries({ queryKey: sessionKeys.lists })
      cache.setQueriesData<SessionPages>({ queryKey: sessionKeys.lists }, edit)
    },
    settle: (id: string) =>
      Promise.all([
        cache.invalidateQueries({ queryKey: sessionKeys.lists }),
        cache.invalidateQueries({ queryKey: sessionKeys.one(id) }),
      ]),
  }
}

export function useChangeSession() {
  const lists = useChangeLists()
  const errorText = useErrorText()
  return useMutation({
    mutationFn: ({ id, ...body }: SessionChange) =>
      unwrap(api.PATCH('/api/v1/sessions/{session_id}', { params: { path: { session_id: id } }, body })),
    onMutate: ({ id, ...patch }) => lists.change((pages) => patchSession(pages, id, patch)),
    onError: (error) => toasts.show({ text: errorText(error), tone: 'error' }),
    onSettled: (_data, _error, { id }) => lists.settle(id),
  })
}

function useRestoreSession() {
  const lists = useChangeLists()
  const errorText = useErrorText()
  return useMutation({
    mutationFn: (id: string) => unwrap(api.POST('/api/v1/sessions/{session_id}/restore', { params: { path: { session_id: id } } })),
    onError: (error) => toasts.show({ text: errorText(error), tone: 'error' }),
    onSettled: (_data, _error, id) => lists.settle(id),
  })
}

/** Deletes at once, and offers to take it back for as long as the toast stands. */
export function useDeleteSession() {
  const { t } = useLingui()
  const lists = useChangeLists()
  const restore = useRestoreSession()
  const errorText = useErrorText()
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/sessions/{session_id}', { params: { path: { session_id: id } } })),
    onMutate: (id) => lists.change((pages) => removeSession(pages, id)),
    onSuccess: (_data, id) => {
      toasts.show({ text: t`Chat deleted.`, action: { label: t`Undo`, onAct: () => restore.mutate(id) } })
    },
    onError: (error) => toasts.show({ text: errorText(error), tone: 'error' }),
    onSettled: (_data, _error, id) => lists.settle(id),
  })
}
