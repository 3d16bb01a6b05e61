/** How high the list has been lately: what a person takes for its end is the end that they saw, and it may have grown since. */
const KEPT_MS = 5_000

export interface RecentHeights {
  note: (height: number, now: number) => void
  /** The least that it has been from then until now. */
  leastSince: (time: number) => number
}

export function recentHeights(): RecentHeights {
  let heights: (readonly [from: number, height: number])[] = []
  const since = (time: number) => heights.slice(Math.max(0, heights.findLastIndex(([from]) => from <= time)))
  return {
    note: (height, now) => {
      heights = [...since(now - KEPT_MS), [now, height]]
    },
    leastSince: (time) => Math.min(...since(time).map(([, height]) => height)),
  }
}
