/** Keeps what the server does not have yet over a reload of this tab; other tabs have their own. */
import type { Outgoing } from '../model/outgoing'

const KEY = 'coda.outbox'

export function readOutbox(): Outgoing[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? (kept as Outgoing[]) : []
  } catch {
    return []
  }
}

export function writeOutbox(outgoing: readonly Outgoing[]): void {
  try {
    if (outgoing.length === 0) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, JSON.stringify(outgoing))
  } catch {
    // It is kept for this page only.
  }
}
