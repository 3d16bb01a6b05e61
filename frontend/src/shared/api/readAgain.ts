/** What was read is out of date. */
import type { QueryClient, QueryKey } from '@tanstack/react-query'

/** Read again what is shown of this, and what is being read for the first time. */
export async function readAgain(cache: QueryClient, queryKey: QueryKey): Promise<void> {
  await dropFirstReading(cache, queryKey)
  await cache.invalidateQueries({ queryKey })
}

/** A first reading under way may have seen what was before: TanStack Query would join it, and take its answer for the new one. */
export async function dropFirstReading(cache: QueryClient, queryKey: QueryKey): Promise<void> {
  await cache.cancelQueries({ queryKey, predicate: ({ state }) => state.data === undefined })
}
