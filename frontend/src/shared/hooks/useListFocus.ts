import { useLayoutEffect, useRef, type FocusEvent, type RefObject } from 'react'

interface Place {
  row: Element
  index: number
  /** What the row leads to, where it leads somewhere: it may come back elsewhere in the list. */
  href: string | undefined
}

/** When the row with the focus is taken out of a list, the one that stands in its place has it; with the last one gone, the list. */
export function useListFocus(list: RefObject<HTMLElement | null>) {
  const place = useRef<Place | null>(null)
  const rows = () => [...(list.current?.querySelectorAll('li') ?? [])]

  useLayoutEffect(() => {
    const known = place.current
    if (known === null || known.row.isConnected || document.activeElement !== document.body) return
    place.current = null
    const left = rows()
    const same = known.href === undefined ? undefined : left.find((row) => hrefOf(row) === known.href)
    const row = same ?? left[Math.min(known.index, left.length - 1)]
    const target = row?.querySelector<HTMLElement>('a[href], button:enabled') ?? list.current
    target?.focus({ preventScroll: true })
  })

  return {
    tabIndex: -1,
    onFocus: ({ target }: FocusEvent) => {
      const row = target.closest('li')
      const index = row === null ? -1 : rows().indexOf(row)
      if (row !== null && index !== -1) place.current = { row, index, href: hrefOf(row) }
    },
    onBlur: ({ relatedTarget }: FocusEvent) => {
      // To nothing: whoever pressed beside the list has left it.
      if (relatedTarget === null) place.current = null
    },
  }
}

const hrefOf = (row: Element) => row.querySelector('a')?.href
