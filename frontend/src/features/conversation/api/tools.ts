/** The tools that the agent has at hand. */
import { queryOptions } from '@tanstack/react-query'

import { api, unwrap } from '@/shared/api'

export const toolsQuery = queryOptions({
  queryKey: ['tools'] as const,
  queryFn: () => unwrap(api.GET('/api/v1/tools')),
  staleTime: 5 * 60_000,
})
