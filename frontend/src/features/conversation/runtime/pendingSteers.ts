/** Steers that were sent from this tab and that the server has not yet acked, by the answer they belong to. */
import { Store, withEntry } from '@/shared/lib/store'

import type { PendingSteer } from '../model/steers'

const NONE: readonly PendingSteer[] = []

export class PendingSteers {
  private readonly byAnswer = new Store<ReadonlyMap<string, readonly PendingSteer[]>>(new Map())

  readonly subscribe = this.byAnswer.subscribe

  of(answerId: string): readonly PendingSteer[] {
    return this.byAnswer.get().get(answerId) ?? NONE
  }

  add(answerId: string, steer: PendingSteer): void {
    this.put(answerId, [...this.of(answerId), steer])
  }

  remove(answerId: string, steerId: string): void {
    this.put(
      answerId,
      this.of(answerId).filter(({ id }) => id !== steerId),
    )
  }

  private put(answerId: string, steers: readonly PendingSteer[]): void {
    this.byAnswer.set(withEntry(this.byAnswer.get(), answerId, steers.length === 0 ? undefined : steers))
  }
}
