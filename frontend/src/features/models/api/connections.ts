/** Connections to model providers: tried, kept, removed. */
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, type Connection, type ConnectionCreate, type ConnectionPatch, type ConnectionTest, modelsQuery, type Page, pagedQuery, unwrap } from '@/shared/api'

export const connectionsQuery = pagedQuery({
  queryKey: ['connections'],
  read: ({ query, signal }) => unwrap<Page<Connection>>(api.GET('/api/v1/connections', { params: { query }, signal })),
})

export function useTestConnection() {
  return useMutation({
    mutationFn: (body: ConnectionCreate) => unwrap<ConnectionTest>(api.POST('/api/v1/connections/test', { body })),
  })
}

/** Keeps a connection, and waits until its models can be chosen. */
export function useCreateConnection() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: async (body: ConnectionCreate) => {
      const known = cache.getQueryData(modelsQuery.queryKey)
      const before = new Set(known?.items.map(({ id }) => id))
      const connection = await unwrap<Connection>(api.POST('/api/v1/connections', { body }))
      const models = await cache.fetchQuery({ ...modelsQuery, staleTime: 0 })
      const added = models.items.filter(({ id }) => !before.has(id))
      return { connection, added, presentDefault: known?.chosen_default ?? known?.default_model ?? null }
    },
    onSettled: () => cache.invalidateQueries({ queryKey: connectionsQuery.queryKey }),
  })
}

/** Changes what is given of a connection. */
export function useChangeConnection(id: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: ConnectionPatch) =>
      unwrap<Connection>(api.PATCH('/api/v1/connections/{connection_id}', { params: { path: { connection_id: id } }, body })),
    onSuccess: () =>
      Promise.all([cache.invalidateQueries({ queryKey: connectionsQuery.queryKey }), cache.invalidateQueries({ queryKey: modelsQuery.queryKey })]),
  })
}

/** Tries a stored connection with its stored key. */
export function useTryConnection(id: string) {
  return useMutation({
    mutationFn: () => unwrap<ConnectionTest>(api.POST('/api/v1/connections/{connection_id}/test', { params: { path: { connection_id: id } } })),
  })
}

export function useDeleteConnection() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/connections/{connection_id}', { params: { path: { connection_id: id } } })),
    onSettled: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: connectionsQuery.queryKey }),
        cache.invalidateQueries({ queryKey: modelsQuery.queryKey }),
      ]),
  })
}

export function useSetDefaultModel() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (model: string | null) => unwrap(api.PATCH('/api/v1/organization/settings', { body: { default_model: model } })),
    onSettled: () => cache.invalidateQueries({ queryKey: modelsQuery.queryKey }),
  })
}

/** Asks a model for a word, as a chat would; gives the milliseconds that it took. */
export function useTryModel() {
  return useMutation({
    mutationFn: async (model: string) => {
      const begun = performance.now()
      const body = { model, messages: [{ role: 'user' as const, content: 'Answer with the word yes.' }] }
      await unwrap(api.POST('/v1/chat/completions', { body }))
      return performance.now() - begun
    },
  })
}
