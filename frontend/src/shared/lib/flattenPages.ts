import type { InfiniteData } from '@tanstack/react-query'

/** All rows of the pages once: a row that moved between two pages is in both. */
export function flattenPages<Item>(data: InfiniteData<{ items: Item[] }, unknown> | undefined, keyOf: (item: Item) => string | number): Item[] {
  const seen = new Set<string | number>()
  const isNew = (key: string | number) => !seen.has(key) && Boolean(seen.add(key))
  return (data?.pages ?? []).flatMap(({ items }) => items.filter((item) => isNew(keyOf(item))))
}
