/** Questions sent from this tab that the server has not yet acked, and the keys that keep them in place when it has. */
import type { StartRequest } from '@/shared/stream'

import type { Message } from './message'
import type { Exchange, ExchangeError } from './path'

export interface Outgoing extends Exchange {
  request: StartRequest
}

export class Exchanges {
  private readonly outgoing = new Map<string, Outgoing>()
  private readonly keys = new Map<string, string>()
  private readonly listeners = new Set<() => void>()

  get(sessionId: string): Outgoing | null {
    return this.outgoing.get(sessionId) ?? null
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  put(exchange: Outgoing): void {
    this.outgoing.set(exchange.request.session_id, exchange)
    this.tell()
  }

  fail(sessionId: string, error: ExchangeError): void {
    const exchange = this.get(sessionId)
    if (exchange !== null) this.put({ ...exchange, error })
  }

  /** The server has it: its answer takes the place of the one that stood for it. */
  settle(sessionId: string, assistant: Message): void {
    const exchange = this.get(sessionId)
    if (exchange !== null) this.keys.set(assistant.id, exchange.assistant.id)
    this.drop(sessionId)
  }

  drop(sessionId: string): void {
    this.outgoing.delete(sessionId)
    this.tell()
  }

  /** What identifies a message on the screen, before and after its ack. */
  keyOf(message: Message): string {
    return this.keys.get(message.id) ?? message.id
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }
}
