/** Collects what arrives between two animation frames, so that the screen is worked out once per frame. */

const HIDDEN_TAB_MS = 250

export class FrameBatch<T> {
  private items: T[] = []
  private cancelPending: (() => void) | null = null

  private readonly deliver: (items: T[]) => void

  constructor(deliver: (items: T[]) => void) {
    this.deliver = deliver
  }

  push(items: readonly T[]): void {
    if (items.length === 0) return
    this.items.push(...items)
    this.cancelPending ??= schedule(() => {
      this.flush()
    })
  }

  flush(): void {
    this.cancelPending?.()
    this.cancelPending = null
    if (this.items.length === 0) return
    const items = this.items
    this.items = []
    this.deliver(items)
  }
}

/** A hidden tab gets no animation frames, so there a slow timer stands in. */
function schedule(run: () => void): () => void {
  if (document.hidden) {
    const timer = setTimeout(run, HIDDEN_TAB_MS)
    return () => {
      clearTimeout(timer)
    }
  }
  const frame = requestAnimationFrame(run)
  // The tab may be hidden before the frame comes.
  const timer = setTimeout(run, HIDDEN_TAB_MS)
  return () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
}
