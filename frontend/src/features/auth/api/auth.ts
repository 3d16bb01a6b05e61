/** Signing in, and the one-time links that make or mend an account. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'

import { access, api, type AuthLink, type components, unwrap } from '@/shared/api'
import { chooseLocale, isLocale } from '@/shared/i18n'

type Schemas = components['schemas']

export const authStateQuery = queryOptions({
  queryKey: ['auth', 'state'] as const,
  queryFn: () => unwrap<Schemas['AuthState']>(api.GET('/api/v1/auth/state')),
})

export const linkQuery = (token: string) =>
  queryOptions({
    queryKey: ['auth', 'links', token] as const,
    queryFn: () => unwrap<AuthLink>(api.GET('/api/v1/auth/links/{token}', { params: { path: { token } } })),
    retry: false,
    staleTime: Infinity,
  })

/** Every way in ends the same: the token is kept, nothing of the last person stays. */
function useEntry<Body>(enter: (body: Body) => Promise<Schemas['SignedIn']>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: enter,
    onSuccess: async (signedIn) => {
      cache.clear()
      if (isLocale(signedIn.user.locale)) await chooseLocale(signedIn.user.locale)
      // Where it is somebody else, the page is being left: nobody goes on in it.
      if (access.accept(signedIn)) await new Promise<never>(() => undefined)
    },
  })
}

export const useLogIn = () => useEntry((body: Schemas['LoginRequest']) => unwrap(api.POST('/api/v1/auth/login', { body })))

export const useSetUp = () => useEntry((body: Schemas['Setup']) => unwrap(api.POST('/api/v1/auth/setup', { body })))

export const useAcceptInvite = () =>
  useEntry((body: Schemas['InviteAcceptance']) => unwrap(api.POST('/api/v1/auth/invite', { body })))

export const useResetPassword = () =>
  useEntry((body: Schemas['PasswordReset']) => unwrap(api.POST('/api/v1/auth/reset', { body })))
