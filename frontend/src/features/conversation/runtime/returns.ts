/** Questions that come back: into the composer of their chat, or, where they were to begin it, of the start page. */
import type { QueryClient } from '@tanstack/react-query'

import { sessionKeys } from '@/shared/api'
import { Store } from '@/shared/lib/store'

import { deleteChatSession } from '../api/chatSession'
import { hasMessages } from '../api/messages'
import { attachmentOf } from '../model/attachment'
import { attachedParts, plainText, type Message } from '../model/message'
import type { Outgoing } from '../model/outgoing'
import type { Refusal } from '../model/refusals'
import type { Attachments } from './attachments'
import type { ChosenModels } from './chosenModels'
import type { Drafts } from './drafts'
import type { Outbox } from './outbox'

interface Composed {
  outbox: Outbox
  drafts: Drafts
  attachments: Attachments
  models: ChosenModels
}

export class Returns {
  /** Chats that were never begun: whoever looks at one goes on at the start page. */
  private readonly unbegun = new Store<ReadonlySet<string>>(new Set())
  private readonly composed: Composed
  private readonly cache: QueryClient

  readonly subscribe = this.unbegun.subscribe

  constructor(composed: Composed, cache: QueryClient) {
    this.composed = composed
    this.cache = cache
  }

  isUnbegun(sessionId: string): boolean {
    return this.unbegun.get().has(sessionId)
  }

  /** Takes it from what is to be sent, and puts its words and files before what is written since. */
  give(exchange: Outgoing, question: Message, because?: Refusal): void {
    const { outbox, drafts, attachments } = this.composed
    const { session_id: sessionId } = exchange.request
    outbox.remove(exchange)
    drafts.restore(sessionId, plainText(question), because)
    attachments.restore(sessionId, attachedParts(question).map(attachmentOf))
    if (exchange.begins === true && outbox.of(sessionId).length === 0) this.undo(exchange, because)
  }

  /** Without its first question a chat is nothing: it would stand in the list, empty. */
  private undo({ request: { session_id: sessionId, model } }: Outgoing, because: Refusal | undefined): void {
    const { drafts, attachments, models } = this.composed
    drafts.restore(null, drafts.get(sessionId), because)
    attachments.restore(null, attachments.of(sessionId))
    models.choose(null, model ?? null)
    drafts.drop(sessionId)
    attachments.clear(sessionId)
    models.choose(sessionId, null)
    this.unbegun.set(new Set([...this.unbegun.get(), sessionId]))
    void this.removeIfEmpty(sessionId)
      // It goes on as an empty chat, which can be deleted in the list.
      .catch(() => this.keep(sessionId))
      .then(() => this.cache.invalidateQueries({ queryKey: sessionKeys.lists }))
  }

  /** Another tab or device may have asked in it meanwhile. */
  private async removeIfEmpty(sessionId: string): Promise<void> {
    if (await hasMessages(sessionId)) this.keep(sessionId)
    else await deleteChatSession(sessionId)
  }

  private keep(sessionId: string): void {
    this.unbegun.set(new Set([...this.unbegun.get()].filter((id) => id !== sessionId)))
  }
}
