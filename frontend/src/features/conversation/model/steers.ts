/** What was thrown into an answer and has not yet been read there: what the server tells, and what is on its way to it. */
import type { Run } from '../api/runs'
import type { AnswerPart } from './answer'
import { steerKey } from './runEntries'

export interface PendingSteer {
  id: string
  text: string
}

const NONE: readonly PendingSteer[] = []

/** Sent from this tab and not yet acked. */
export class OutgoingSteers {
  private readonly steers = new Map<string, readonly PendingSteer[]>()
  private readonly listeners = new Set<() => void>()

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  of(answerId: string): readonly PendingSteer[] {
    return this.steers.get(answerId) ?? NONE
  }

  add(answerId: string, steer: PendingSteer): void {
    this.put(answerId, [...this.of(answerId), steer])
  }

  drop(answerId: string, steerId: string): void {
    this.put(
      answerId,
      this.of(answerId).filter(({ id }) => id !== steerId),
    )
  }

  private put(answerId: string, steers: readonly PendingSteer[]): void {
    if (steers.length === 0) this.steers.delete(answerId)
    else this.steers.set(answerId, steers)
    for (const listener of this.listeners) listener()
  }
}

/** In the order in which they will be read. The answer's own parts tell sooner than the server that one has been. */
export function unread(run: Run | null, outgoing: readonly PendingSteer[], parts: readonly AnswerPart[]): PendingSteer[] {
  const stored = (run?.pending_steers ?? []).map(({ id, content }) => ({ id, text: content }))
  const sent = outgoing.filter(({ id }) => stored.every((known) => known.id !== id))
  const read = new Set(parts.map(({ key }) => key))
  return [...stored, ...sent].filter(({ id }) => !read.has(steerKey(id)))
}
