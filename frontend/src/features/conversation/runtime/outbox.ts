/** Questions sent from this tab that the server has not yet acked, in their order, and the keys that keep them in place when it has. */
import { Store, withEntry } from '@/shared/lib/store'

import type { Message } from '../model/message'
import type { Outgoing } from '../model/outgoing'
import type { ExchangeError } from '../model/path'
import { readOutbox, writeOutbox } from './outboxStorage'

const NONE: readonly Outgoing[] = []

/** Per session they go out one after the other: the next one only when the server has the one before. */
export class Outbox {
  private readonly bySession = new Store<ReadonlyMap<string, readonly Outgoing[]>>(new Map())
  private readonly keys = new Map<string, string>()

  readonly subscribe = this.bySession.subscribe

  constructor() {
    for (const exchange of readOutbox()) this.add(exchange)
  }

  sessionIds(): string[] {
    return [...this.bySession.get().keys()]
  }

  /** The first one is on its way or was refused; the others wait for it. */
  of(sessionId: string): readonly Outgoing[] {
    return this.bySession.get().get(sessionId) ?? NONE
  }

  add(exchange: Outgoing): void {
    const { session_id: sessionId } = exchange.request
    this.put(sessionId, [...this.of(sessionId), exchange])
  }

  /** What became of it: refused, or, with null, to be tried again. */
  mark({ runId, request: { session_id: sessionId } }: Outgoing, error: ExchangeError | null): void {
    this.put(
      sessionId,
      this.of(sessionId).map((known) => (known.runId === runId ? { ...known, error } : known)),
    )
  }

  /** The server has it: its answer takes the place of the one that stood for it. */
  acknowledge(exchange: Outgoing, assistant: Message): void {
    this.keys.set(assistant.id, exchange.assistant.id)
    this.remove(exchange)
  }

  remove({ runId, request: { session_id: sessionId } }: Outgoing): void {
    this.put(
      sessionId,
      this.of(sessionId).filter((known) => known.runId !== runId),
    )
  }

  /** What identifies a message on the screen, before and after its ack. */
  keyOf(message: Message): string {
    return this.keys.get(message.id) ?? message.id
  }

  private put(sessionId: string, exchanges: readonly Outgoing[]): void {
    const next = withEntry(this.bySession.get(), sessionId, exchanges.length === 0 ? undefined : exchanges)
    writeOutbox([...next.values()].flat())
    this.bySession.set(next)
  }
}
