/** Unfolding something at the end of the list must not push it away from the pointer. */
import { createContext, use } from 'react'

export const HoldScrollContext = createContext<() => void>(() => undefined)

/** Call right before a change of height that a person asked for: the list keeps its place for a moment. */
export function useHoldScroll(): () => void {
  return use(HoldScrollContext)
}
