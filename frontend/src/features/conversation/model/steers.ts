/** What was thrown into an answer from here and has not yet been read there. */
import { readStored, writeStored } from '@/shared/lib/storage'

import type { AnswerPart } from './answer'

export interface PendingSteer {
  id: string
  text: string
  /** How often these words stood in the answer when they were sent: one more, and they have been read. */
  seenBefore: number
}

type Store = Readonly<Record<string, readonly PendingSteer[]>>

const KEY = 'steers'
const MOST_ANSWERS = 20
const NONE: readonly PendingSteer[] = []

export class PendingSteers {
  private store: Store = parse(readStored<string>(KEY, ''))
  private readonly listeners = new Set<() => void>()

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  of(answerId: string): readonly PendingSteer[] {
    return this.store[answerId] ?? NONE
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

  /** The answer is done: whatever was read is part of it. */
  clear(answerId: string): void {
    if (this.of(answerId).length > 0) this.put(answerId, [])
  }

  private put(answerId: string, steers: readonly PendingSteer[]): void {
    const others = Object.entries(this.store).filter(([id]) => id !== answerId)
    const kept = steers.length === 0 ? others : [...others, [answerId, steers] as const]
    this.store = Object.fromEntries(kept.slice(-MOST_ANSWERS))
    writeStored(KEY, JSON.stringify(this.store))
    for (const listener of this.listeners) listener()
  }
}

export function countSteers(parts: readonly AnswerPart[], text: string): number {
  return parts.filter(({ part }) => part.type === 'steer' && part.text === text).length
}

export function unread(steers: readonly PendingSteer[], parts: readonly AnswerPart[]): PendingSteer[] {
  return steers.filter(({ text, seenBefore }) => countSteers(parts, text) <= seenBefore)
}

function parse(text: string): Store {
  try {
    return text === '' ? {} : (JSON.parse(text) as Store)
  } catch {
    return {}
  }
}
