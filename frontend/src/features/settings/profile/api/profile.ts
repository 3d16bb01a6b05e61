/** The caller's own account. */
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, type Me, meQuery, unwrap, type User } from '@/shared/api'

type MeChange = { name?: string; locale?: 'en' | 'pt-BR' }

export function useChangeMe() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: MeChange) => unwrap<User | Me>(api.PATCH('/api/v1/me', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: meQuery.queryKey }),
  })
}
