import { useSyncExternalStore } from 'react'

import type { Store } from './store'

type Readable<Value> = Pick<Store<Value>, 'get' | 'subscribe'>

/** What a component shows of a store: all of it, or what `select` takes from it, which must be the same object until it changes. */
export function useStore<Value>(store: Readable<Value>): Value
export function useStore<Value, Selected>(store: Readable<Value>, select: (value: Value) => Selected): Selected
export function useStore<Value>(store: Readable<Value>, select?: (value: Value) => unknown): unknown {
  return useSyncExternalStore(store.subscribe, () => (select === undefined ? store.get() : select(store.get())))
}
