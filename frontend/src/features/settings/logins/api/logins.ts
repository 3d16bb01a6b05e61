/** Where the caller is signed in, and the password that lets them in. */
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, type Login, type Page, pagedQuery, unwrap } from '@/shared/api'

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

/** The other logins end with the old password. */
export function useChangePassword() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: { current_password: string; new_password: string }) => unwrap(api.POST('/api/v1/me/password', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: loginsQuery.queryKey }),
  })
}
