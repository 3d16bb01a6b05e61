/** Whether the live connection stands, as a store that components can read. */
import { Store } from '@/shared/lib/store'

import type { StopReason } from './closeCodes'

export type ConnectionState =
  | { phase: 'idle' }
  | { phase: 'connecting' }
  | { phase: 'online' }
  | { phase: 'offline'; since: number }
  | { phase: 'stopped'; reason: StopReason }

export class ConnectionStore extends Store<ConnectionState> {
  constructor() {
    super({ phase: 'idle' })
  }

  /** Offline stays offline since when it began. */
  override set(state: ConnectionState): void {
    if (state.phase !== this.get().phase || state.phase === 'stopped') super.set(state)
  }
}
