/** The caller's API keys. The key itself is given once, at its making. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'

import { api, type ApiKey, type ApiKeyCreated, unwrap } from '@/shared/api'

export const apiKeysQuery = queryOptions({
  queryKey: ['api-keys'] as const,
  queryFn: () => unwrap<{ items: ApiKey[] }>(api.GET('/api/v1/api-keys', { params: { query: { limit: 200 } } })),
})

export function useCreateApiKey() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: { name: string; expires_at: string | null }) => unwrap<ApiKeyCreated>(api.POST('/api/v1/api-keys', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: apiKeysQuery.queryKey }),
  })
}

export function useRevokeApiKey() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/api-keys/{key_id}', { params: { path: { key_id: id } } })),
    onSettled: () => cache.invalidateQueries({ queryKey: apiKeysQuery.queryKey }),
  })
}
