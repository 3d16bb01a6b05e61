/** localStorage that may be forbidden, full, or hold something else. */
type Storable = string | number | boolean

const prefixed = (key: string) => `coda.${key}`

export function readStored<Value extends Storable>(key: string, fallback: Value): Value {
  try {
    const text = localStorage.getItem(prefixed(key))
    if (text === null) return fallback
    const value: unknown = typeof fallback === 'string' ? text : JSON.parse(text)
    return typeof value === typeof fallback ? (value as Value) : fallback
  } catch {
    return fallback
  }
}

export function writeStored(key: string, value: Storable | null): void {
  try {
    if (value === null) localStorage.removeItem(prefixed(key))
    else localStorage.setItem(prefixed(key), String(value))
  } catch {
    // It is kept for this page only.
  }
}
