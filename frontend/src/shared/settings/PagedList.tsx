/** Rows of a list that comes by pages: its shape while it loads, its emptiness, and at its end the way to the rest. */
import { Plural, Trans } from '@lingui/react/macro'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Fragment, type ReactNode, type RefObject, useEffect, useRef } from 'react'

import { type PagedQuery } from '@/shared/api'
import { useListFocus } from '@/shared/hooks'
import { flattenPages } from '@/shared/lib/flattenPages'
import { ProblemLine } from '@/shared/problems'
import { Button } from '@/shared/ui'

import { ListState } from './ListState'

interface PagedProps<Item> {
  query: PagedQuery<Item>
  keyOf: (item: Item) => string | number
  /** Stands where there is no row. */
  empty?: ReactNode
}

interface PagedListProps<Item> extends PagedProps<Item> {
  /** A row, as a list item. */
  children: (item: Item) => ReactNode
}

export function PagedList<Item>({ children, ...paged }: PagedListProps<Item>) {
  return (
    <PagedRows {...paged}>
      {(items) => (
        <ul className="divide-y divide-line border-y border-line">
          {items.map((item) => (
            <Fragment key={paged.keyOf(item)}>{children(item)}</Fragment>
          ))}
        </ul>
      )}
    </PagedRows>
  )
}

interface PagedRowsProps<Item> extends PagedProps<Item> {
  /** All rows that have come, laid out: each is a list item, of one list or of several. */
  children: (items: Item[]) => ReactNode
}

export function PagedRows<Item>({ query, keyOf, empty, children }: PagedRowsProps<Item>) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage, isFetchNextPageError } = useInfiniteQuery(query)
  const items = flattenPages(data, keyOf)
  const rows = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const rowFocus = useListFocus(rows)
  const focusNext = useFocusOnNewRow(rows, button, items.length)

  if (!data) return <ListState error={error} onRetry={() => void refetch()} />
  const showMore = () => {
    focusNext()
    void fetchNextPage()
  }
  return (
    <>
      <div ref={rows} {...rowFocus} className="outline-none">
        {items.length === 0 ? empty : children(items)}
      </div>
      {items.length > 0 && (hasNextPage || data.pages.length > 1) && (
        <ListEnd
          count={items.length}
          hasMore={hasNextPage}
          isLoading={isFetchingNextPage}
          error={isFetchNextPageError && !isFetchingNextPage ? error : null}
          buttonRef={button}
          onMore={showMore}
        />
      )}
    </>
  )
}

interface ListEndProps {
  count: number
  hasMore: boolean
  isLoading: boolean
  error: unknown
  buttonRef: RefObject<HTMLButtonElement | null>
  onMore: () => void
}

function ListEnd({ count, hasMore, isLoading, error, buttonRef, onMore }: ListEndProps) {
  return (
    <div className="flex flex-col gap-2 pt-3">
      {error !== null && <ProblemLine error={error} />}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {hasMore && (
          <Button ref={buttonRef} size="sm" busy={isLoading} onClick={onMore}>
            <Trans>Show more</Trans>
          </Button>
        )}
        <p role="status" className="text-row text-ink-3">
          {hasMore ? <Plural value={count} one="The first one is shown." other="The first # are shown." /> : <Plural value={count} one="# in all" other="# in all" />}
        </p>
      </div>
    </div>
  )
}

/** Who asked for more by keyboard goes on at the first row that came; a focus that has moved on meanwhile stays where it is. */
function useFocusOnNewRow(rows: RefObject<HTMLElement | null>, button: RefObject<HTMLButtonElement | null>, count: number): () => void {
  const before = useRef<ReadonlySet<Element> | null>(null)
  const all = () => [...(rows.current?.querySelectorAll<HTMLElement>('li') ?? [])]
  useEffect(() => {
    const known = before.current
    const first = known === null ? undefined : all().find((row) => !known.has(row))
    if (first === undefined) return
    before.current = null
    if (document.activeElement !== document.body && document.activeElement !== button.current) return
    first.tabIndex = -1
    first.focus({ preventScroll: true })
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `all` reads what is on the screen
  }, [rows, button, count])
  return () => {
    before.current = new Set(all())
  }
}
