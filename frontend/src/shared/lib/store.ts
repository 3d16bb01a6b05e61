/** State and events outside React: one value and those who are told when it changes, or events and those who hear them. */
export type Unsubscribe = () => void

/** Events of one kind. A listener that is added or removed while one is told changes nothing for that one. */
export class Emitter<Event = void> {
  private readonly listeners = new Set<(event: Event) => void>()

  on = (listener: (event: Event) => void): Unsubscribe => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  emit(event: Event): void {
    for (const listener of [...this.listeners]) listener(event)
  }
}

/** A value that any code can read and set; it is replaced, never changed in place. Components read it by `useStore`. */
export class Store<Value> {
  private value: Value
  private readonly changes = new Emitter()

  constructor(initial: Value) {
    this.value = initial
  }

  get = (): Value => this.value

  subscribe = (listener: () => void): Unsubscribe => this.changes.on(listener)

  /** Setting the same value again tells nobody. */
  set(value: Value): void {
    if (Object.is(value, this.value)) return
    this.value = value
    this.changes.emit()
  }
}

/** The map with one entry replaced; with undefined, without it. An entry that stays keeps its place in the order. */
export function withEntry<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value | undefined): ReadonlyMap<Key, Value> {
  const next = new Map(map)
  if (value === undefined) next.delete(key)
  else next.set(key, value)
  return next
}
