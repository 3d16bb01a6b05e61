/** Where the caller is signed in, and the password that lets them in. */
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, type ApiKey, type Login, type Page, pagedQuery, unwrap } from '@/shared/api'

export const loginsQuery = pagedQuery({
  queryKey: ['me', 'logins'],
  read: ({ query, signal }) => unwrap<Page<Login>>(api.GET('/api/v1/me/logins', { params: { query }, signal })),
})

export function useEndLogin() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/me/logins/{login_id}', { params: { path: { login_id: id } } })),
    onSettled: () => cache.invalidateQueries({ queryKey: loginsQuery.queryKey }),
  })
}

/** The other logins end with the old password. Gives how many API keys go on working: they do not hang on it. */
export function useChangePassword() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: changePassword,
    onSuccess: () => cache.invalidateQueries({ queryKey: loginsQuery.queryKey }),
  })
}

async function changePassword(body: { current_password: string; new_password: string }): Promise<number> {
  const answer = api.POST('/api/v1/me/password', { body })
  await unwrap(answer)
  return Number((await answer).response.headers.get('Coda-Api-Keys') ?? 0)
}

/** Revokes every API key that the caller has in this organization, also those that other pages of the list show. */
export function useRevokeApiKeys() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: async () => {
      let keys = await firstApiKeys()
      while (keys.length > 0) {
        for (const { id } of keys) await unwrap(api.DELETE('/api/v1/api-keys/{key_id}', { params: { path: { key_id: id } } }))
        keys = await firstApiKeys()
      }
    },
    onSettled: () => cache.invalidateQueries({ queryKey: ['api-keys'] }),
  })
}

async function firstApiKeys(): Promise<ApiKey[]> {
  return (await unwrap<Page<ApiKey>>(api.GET('/api/v1/api-keys', { params: { query: { limit: 200 } } }))).items
}
