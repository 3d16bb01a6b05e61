/** How server state is kept: fresh for a while, tried again where that can help. */
import { QueryClient } from '@tanstack/react-query'

import { ApiError } from '@/shared/api'

const MOST_RETRIES = 2

/** A refusal stays a refusal; only a lost connection or a failing server is worth another try. */
export function shouldRetry(failures: number, error: unknown): boolean {
  if (failures >= MOST_RETRIES) return false
  return error instanceof ApiError && (error.isNetwork || error.status >= 500)
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: shouldRetry, staleTime: 10_000, gcTime: 10 * 60_000 },
      mutations: { retry: false },
    },
  })
}

/** What was read or done as a person goes. What anybody may ask before signing in stays: a screen may be showing it. */
export function forgetPerson(queryClient: QueryClient): void {
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'auth' })
  queryClient.getMutationCache().clear()
}
