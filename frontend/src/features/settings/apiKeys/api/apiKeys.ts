/** The caller's API keys. The key itself is given once, at its making. */
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, type ApiKey, type ApiKeyCreate, type ApiKeyCreated, type Page, pagedQuery, unwrap } from '@/shared/api'

export const apiKeysQuery = pagedQuery({
  queryKey: ['api-keys'],
  read: ({ query, signal }) => unwrap<Page<ApiKey>>(api.GET('/api/v1/api-keys', { params: { query }, signal })),
})

export function useCreateApiKey() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: ApiKeyCreate) => unwrap<ApiKeyCreated>(api.POST('/api/v1/api-keys', { body })),
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
