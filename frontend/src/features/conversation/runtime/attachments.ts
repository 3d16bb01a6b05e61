/** Files beside what is typed in each chat, in their order; those that are here are kept over a reload. */
import { readStored, writeStored } from '@/shared/lib/storage'
import { Store, withEntry } from '@/shared/lib/store'

import type { Attachment } from '../model/attachment'
import type { Sending } from './sendFile'

const PREFIX = 'attachments.'
const NONE: readonly Attachment[] = []

export type ChatId = string | null
const keyOf = (chat: ChatId) => chat ?? 'new'

/** How they are sent is in `attachmentActions`, which is loaded with the first file. */
export class Attachments {
  private readonly byChat = new Store<ReadonlyMap<string, readonly Attachment[]>>(new Map())
  /** Those on their way, by their keys. */
  readonly sending = new Map<string, Sending>()

  readonly subscribe = this.byChat.subscribe

  of(chat: ChatId): readonly Attachment[] {
    return this.byChat.get().get(keyOf(chat)) ?? this.recall(chat)
  }

  /** They went out with a question. */
  clear(chat: ChatId): void {
    this.put(chat, NONE)
  }

  /**
   * A question came back: what it showed stands beside its words again. With what was attached since that may be more
   * than a question takes: nothing is dropped unseen, the person takes some out.
   */
  restore(chat: ChatId, files: readonly Attachment[]): void {
    this.put(chat, [...files, ...this.of(chat)])
  }

  /**
   * At once: letters that are typed fast each come after the one before. Wherever it stands: a chat that was not begun
   * gives its files to the start page, also those on their way.
   */
  change(key: string, change: Partial<Attachment>): void {
    for (const [chat, files] of this.byChat.get()) {
      if (files.some((one) => one.key === key)) this.put(chat, files.map((one) => (one.key === key ? { ...one, ...change } : one)))
    }
  }

  /** Takes one out. Gives what is left of sending it, for whoever tells the server. */
  remove(chat: ChatId, key: string): Sending | undefined {
    const sending = this.sending.get(key)
    sending?.abort.abort()
    this.sending.delete(key)
    this.put(
      chat,
      this.of(chat).filter((one) => one.key !== key),
    )
    return sending
  }

  put(chat: ChatId, files: readonly Attachment[]): void {
    this.byChat.set(withEntry(this.byChat.get(), keyOf(chat), files))
    const kept = files.filter(({ file }) => file !== null)
    writeStored(PREFIX + keyOf(chat), kept.length === 0 ? null : JSON.stringify(kept))
  }

  private recall(chat: ChatId): readonly Attachment[] {
    let kept: readonly Attachment[] = NONE
    try {
      const known: unknown = JSON.parse(readStored<string>(PREFIX + keyOf(chat), '[]'))
      if (Array.isArray(known) && known.length > 0) kept = known as Attachment[]
    } catch {
      // Something else was kept there.
    }
    this.byChat.set(withEntry(this.byChat.get(), keyOf(chat), kept))
    return kept
  }
}
