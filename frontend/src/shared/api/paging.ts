/** Lists that come by pages and are read to their end. */
import { infiniteQueryOptions } from '@tanstack/react-query'

import type { Page } from './types'

/** Rows that are asked for at once: more than a screen holds, few enough to be there at once. */
const PAGE_ROWS = 50

interface PageRequest {
  query: { cursor: string | undefined; limit: number }
  signal: AbortSignal
}

interface PagedOptions<Item> {
  queryKey: readonly unknown[]
  read: (page: PageRequest) => Promise<Page<Item>>
  /** Read again this often while it is looked at. */
  refetchInterval?: number
}

export function pagedQuery<Item>({ queryKey, read, refetchInterval }: PagedOptions<Item>) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam, signal }) => read({ query: { cursor: pageParam ?? undefined, limit: PAGE_ROWS }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval,
  })
}

export type PagedQuery<Item> = ReturnType<typeof pagedQuery<Item>>
