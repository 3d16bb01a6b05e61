/** Questions sent from this tab that the server has not yet acked, in their order, and the keys that keep them in place when it has. */
import type { StartRequest } from '@/shared/stream'

import type { Message } from './message'
import { readOutbox, writeOutbox } from './outbox'
import type { Exchange, ExchangeError } from './path'

export interface Outgoing extends Exchange {
  request: StartRequest
}

const NONE: readonly Outgoing[] = []

/** Per session they go out one after the other: the next one only when the server has the one before. */
export class Exchanges {
  private readonly outgoing = new Map<string, readonly Outgoing[]>()
  private readonly keys = new Map<string, string>()
  private readonly listeners = new Set<() => void>()

  constructor() {
    for (const exchange of readOutbox()) this.add(exchange)
  }

  sessionIds(): string[] {
    return [...this.outgoing.keys()]
  }

  /** The first one is on its way or was refused; the others wait for it. */
  of(sessionId: string): readonly Outgoing[] {
    return this.outgoing.get(sessionId) ?? NONE
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  add(exchange: Outgoing): void {
    const { session_id: sessionId } = exchange.request
    this.put(sessionId, [...this.of(sessionId), exchange])
  }

  /** What became of the first one: refused, or, with null, to be tried again. */
  mark(sessionId: string, error: ExchangeError | null): void {
    const [first, ...others] = this.of(sessionId)
    if (first !== undefined) this.put(sessionId, [{ ...first, error }, ...others])
  }

  /** The server has it: its answer takes the place of the one that stood for it. */
  settle(exchange: Outgoing, assistant: Message): void {
    this.keys.set(assistant.id, exchange.assistant.id)
    this.drop(exchange)
  }

  drop({ runId, request: { session_id: sessionId } }: Outgoing): void {
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
    if (exchanges.length === 0) this.outgoing.delete(sessionId)
    else this.outgoing.set(sessionId, exchanges)
    writeOutbox([...this.outgoing.values()].flat())
    for (const listener of this.listeners) listener()
  }
}
