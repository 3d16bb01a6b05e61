/** The models that can be asked, with price and health. */
import { queryOptions, useQuery } from '@tanstack/react-query'

import { api, unwrap } from './client'
import type { Models } from './types'

export const modelsQuery = queryOptions({
  queryKey: ['models'] as const,
  queryFn: () => unwrap<Models>(api.GET('/api/v1/models')),
  staleTime: 30_000,
})

export function useModels() {
  return useQuery(modelsQuery)
}

/** The demo model is not a provider of anybody's: it says so by its id. */
export function isDemoModel(id: string | null): boolean {
  return id?.startsWith('demo/') ?? false
}
