/** Who is signed in, and in which organization. */
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'

import { api, unwrap } from './client'
import type { Me } from './types'

export const meQuery = queryOptions({
  queryKey: ['me'] as const,
  queryFn: () => unwrap<Me>(api.GET('/api/v1/me')),
  staleTime: 60_000,
})

/** The route above has loaded it. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data
}
