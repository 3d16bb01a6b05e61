/** Where each chat was left, for as long as this page lives: whoever comes back goes on reading there. */

export interface Place {
  /** The message at the upper edge, and how much of it is above. */
  messageId: string
  above: number
}

export class Places {
  private readonly bySession = new Map<string, Place>()

  of(sessionId: string): Place | null {
    return this.bySession.get(sessionId) ?? null
  }

  /** Null: at the end, where a chat is opened anyway. */
  leave(sessionId: string, place: Place | null): void {
    if (place === null) this.bySession.delete(sessionId)
    else this.bySession.set(sessionId, place)
  }
}
