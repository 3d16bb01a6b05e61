/** What is read keeps its place: how the list of messages measures, and corrects where it stands. */
import { measureElement, observeElementOffset, type VirtualItem, type Virtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useState } from 'react'

type List = Virtualizer<HTMLDivElement, Element>
type Tell = (offset: number, isScrolling: boolean) => void

/** Options of the list. Call it before `useVirtualizer`, whose corrections must come after its report. */
export function useAnchoring() {
  const [place] = useState(() => new Place())
  useLayoutEffect(() => place.report())
  return place.options
}

/** Where the list stands. A scroll is told with the next frame: a correction made before that would take it back. */
class Place {
  readonly options = {
    observeElementOffset: (list: List, tell: Tell) => this.observe(list, tell),
    measureElement: (element: Element, entry: ResizeObserverEntry | undefined, list: List) => {
      this.report()
      return measureElement(element, entry, list)
    },
  }

  report = (): void => undefined

  private observe(list: List, tell: Tell): (() => void) | undefined {
    const element = list.scrollElement
    if (element === null) return undefined
    list.shouldAdjustScrollPositionOnItemSizeChange = correctsPlace
    let told = element.scrollTop
    const tellOnce: Tell = (offset, isScrolling) => {
      told = offset
      tell(offset, isScrolling)
    }
    this.report = () => {
      if (element.scrollTop !== told) tellOnce(element.scrollTop, true)
    }
    return observeElementOffset(list, tellOnce) ?? undefined
  }
}

/** What stands wholly above the edge may change its height without moving what is read, in whatever direction one scrolls. */
function correctsPlace(item: VirtualItem, _delta: number, list: List): boolean {
  const edge = list.scrollOffset ?? 0
  const isFirstMeasure = !list.itemSizeCache.has(item.key)
  return isFirstMeasure ? item.start < edge || isAboveWhatIsRead(item, list) : item.end <= edge
}

/** Who scrolls up faster than the browser draws sees a gap for a moment: what then fills it comes above what they already read. */
function isAboveWhatIsRead({ index, key }: VirtualItem, list: List): boolean {
  const bottom = list.scrollElement?.getBoundingClientRect().bottom ?? 0
  // In the order in which they were mounted.
  for (const [other, element] of list.elementsCache) {
    if (other === key) return false
    if (element.isConnected && list.indexFromElement(element) > index && element.getBoundingClientRect().top < bottom) return true
  }
  return false
}
