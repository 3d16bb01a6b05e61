/** What is said in passing: a small store outside React, so that any code can speak. */
export interface ToastAction {
  label: string
  onAct: () => void
}

export interface ToastContent {
  text: string
  action?: ToastAction
  /** Errors stay until they are put away. */
  tone?: 'plain' | 'error'
}

export interface ToastEntry extends ToastContent {
  id: number
}

const MOST_AT_ONCE = 3

export class ToastStore {
  private entries: readonly ToastEntry[] = []
  private readonly listeners = new Set<() => void>()
  private nextId = 1

  get = (): readonly ToastEntry[] => this.entries

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** The same text again replaces the older one. */
  show(content: ToastContent): number {
    const id = this.nextId++
    const others = this.entries.filter((entry) => entry.text !== content.text)
    this.set([...others, { ...content, id }].slice(-MOST_AT_ONCE))
    return id
  }

  dismiss(id: number): void {
    this.set(this.entries.filter((entry) => entry.id !== id))
  }

  private set(entries: readonly ToastEntry[]): void {
    this.entries = entries
    for (const listener of this.listeners) listener()
  }
}

export const toasts = new ToastStore()
