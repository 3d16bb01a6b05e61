/** The tools that the agent has at hand: everywhere, or in one chat. */
import { queryOptions } from '@tanstack/react-query'

import { api, unwrap } from './client'
import type { Tools } from './types'

export const toolKeys = { all: ['tools'] as const, in: (sessionId: string | undefined) => ['tools', sessionId ?? null] as const }

export function toolsQuery(sessionId?: string) {
  return queryOptions({
    queryKey: toolKeys.in(sessionId),
    queryFn: ({ signal }) => unwrap<Tools>(api.GET('/api/v1/tools', { params: { query: { session_id: sessionId } }, signal })),
    staleTime: 60_000,
  })
}
