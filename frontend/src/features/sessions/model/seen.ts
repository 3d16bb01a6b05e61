/** When this browser last showed each session; what changed since is unread. */
import { Store } from '@/shared/lib/store'

const KEY = 'coda.seen'
const MOST = 500

interface SeenRecord {
  /** Everything older than the first visit counts as seen. */
  since: string
  at: Record<string, string>
}

export class SeenSessions extends Store<SeenRecord> {
  private readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null

  constructor(storage: Pick<Storage, 'getItem' | 'setItem'> | null, now: Date = new Date()) {
    super(parse(storage?.getItem(KEY) ?? null) ?? { since: now.toISOString(), at: {} })
    this.storage = storage
    this.save()
  }

  mark(id: string, changedAt: string): void {
    const record = this.get()
    const known = record.at[id]
    if (known && Date.parse(known) >= Date.parse(changedAt)) return
    const { [id]: _old, ...others } = record.at
    const kept = Object.entries(others).slice(-(MOST - 1))
    this.set({ ...record, at: { ...Object.fromEntries(kept), [id]: changedAt } })
    this.save()
  }

  /** Another tab wrote: take over what it knows. */
  reload(): void {
    this.set(parse(this.storage?.getItem(KEY) ?? null) ?? this.get())
  }

  private save(): void {
    try {
      this.storage?.setItem(KEY, JSON.stringify(this.get()))
    } catch {
      // Full or forbidden: it is kept for this page only.
    }
  }
}

export function seenAt(record: SeenRecord, id: string): string {
  return record.at[id] ?? record.since
}

function parse(text: string | null): SeenRecord | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    if (typeof value !== 'object' || value === null || !('since' in value) || !('at' in value)) return null
    return value as SeenRecord
  } catch {
    return null
  }
}
