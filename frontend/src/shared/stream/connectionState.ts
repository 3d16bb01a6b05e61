/** Whether the live connection stands, as a small store that components can read. */
import type { StopReason } from './closeCodes'

export type ConnectionState =
  | { phase: 'idle' }
  | { phase: 'connecting' }
  | { phase: 'online' }
  | { phase: 'offline'; since: number }
  | { phase: 'stopped'; reason: StopReason }

export class ConnectionStore {
  private state: ConnectionState = { phase: 'idle' }
  private readonly listeners = new Set<() => void>()

  get = (): ConnectionState => this.state

  set(state: ConnectionState): void {
    if (state.phase === this.state.phase && state.phase !== 'stopped') return
    this.state = state
    for (const listener of this.listeners) listener()
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}
