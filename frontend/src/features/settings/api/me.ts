/** The caller's own account and its logins. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'

import { api, type Login, type Me, meQuery, unwrap, type User } from '@/shared/api'

type MeChange = { name?: string; locale?: 'en' | 'pt-BR' }

export function useChangeMe() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: MeChange) => unwrap<User | Me>(api.PATCH('/api/v1/me', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: meQuery.queryKey }),
  })
}

export function useChangePassword() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: { current_password: string; new_password: string }) => unwrap(api.POST('/api/v1/me/password', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: loginsQuery.queryKey }),
  })
}

export const loginsQuery = queryOptions({
  queryKey: ['me', 'logins'] as const,
  queryFn: () => unwrap<{ items: Login[] }>(api.GET('/api/v1/me/logins', { params: { query: { limit: 200 } } })),
})

export function useEndLogin() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/me/logins/{login_id}', { params: { path: { login_id: id } } })),
    onSettled: () => cache.invalidateQueries({ queryKey: loginsQuery.queryKey }),
  })
}
