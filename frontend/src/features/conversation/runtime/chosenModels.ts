/** The model chosen in each chat: what a chat was begun with answers in it, also when its first question is refused and sent again. */
import { readStored, writeStored } from '@/shared/lib/storage'
import { Store, withEntry } from '@/shared/lib/store'

const PREFIX = 'model.'

/** Null: the chat that has not begun. */
type ChatId = string | null

export class ChosenModels {
  private readonly byChat = new Store<ReadonlyMap<ChatId, string>>(new Map())

  readonly subscribe = this.byChat.subscribe

  /** Null where nobody has chosen here: the last answer of the chat tells. */
  of(chat: ChatId): string | null {
    return this.byChat.get().get(chat) ?? (chat === null ? null : readStored<string>(PREFIX + chat, '') || null)
  }

  choose(chat: ChatId, model: string | null): void {
    this.byChat.set(withEntry(this.byChat.get(), chat, model ?? undefined))
    if (chat !== null) writeStored(PREFIX + chat, model)
  }

  /** An answer of the chat tells it from now on, to other pages too. */
  isTold(chat: string): void {
    writeStored(PREFIX + chat, null)
  }
}
