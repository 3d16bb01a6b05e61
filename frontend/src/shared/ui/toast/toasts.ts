/** What is said in passing: a store outside React, so that any code can speak. */
import { Store } from '@/shared/lib/store'

interface ToastAction {
  label: string
  onAct: () => void
}

interface ToastContent {
  text: string
  action?: ToastAction
  /** Errors stay until they are put away. */
  tone?: 'plain' | 'error'
}

export interface ToastEntry extends ToastContent {
  id: number
}

const MOST_AT_ONCE = 3

class ToastStore extends Store<readonly ToastEntry[]> {
  private nextId = 1

  /** The same text again replaces the older one. */
  show(content: ToastContent): number {
    const id = this.nextId++
    const others = this.get().filter((entry) => entry.text !== content.text)
    this.set([...others, { ...content, id }].slice(-MOST_AT_ONCE))
    return id
  }

  dismiss(id: number): void {
    this.set(this.get().filter((entry) => entry.id !== id))
  }
}

export const toasts = new ToastStore([])
