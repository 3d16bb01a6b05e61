/** What is typed in each chat: kept in this browser at once and in step with its other tabs, on the server a moment later. */
import { readStored, writeStored } from '@/shared/lib/storage'
import { Store, withEntry } from '@/shared/lib/store'

import { fetchDraft, saveDraft } from '../api/drafts'
import type { Refusal } from '../model/refusals'

const SAVE_AFTER_MS = 800
const PREFIX = 'draft.'
/** What the server was last known to have, over a reload too: a text that differs was typed here since. */
const SAVED_PREFIX = 'savedDraft.'

/** Null: the chat that has not begun. */
type ChatId = string | null
const keyOf = (chat: ChatId) => chat ?? 'new'

export class Drafts {
  private readonly texts = new Store<ReadonlyMap<string, string>>(new Map())
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>()
  private readonly saves = new Map<string, Promise<void>>()
  /** How often the text of a chat has changed here. */
  private readonly changes = new Map<string, number>()

  /** Why words came back that were sent already. */
  private readonly refusals = new Store<ReadonlyMap<string, Refusal>>(new Map())

  readonly subscribe = this.texts.subscribe
  readonly subscribeToRefusals = this.refusals.subscribe

  constructor() {
    window.addEventListener('storage', this.onOtherTab)
  }

  get(chat: ChatId): string {
    return this.texts.get().get(keyOf(chat)) ?? readStored<string>(PREFIX + keyOf(chat), '')
  }

  refusalOf(chat: ChatId): Refusal | null {
    return this.refusals.get().get(keyOf(chat)) ?? null
  }

  type(chat: ChatId, text: string): void {
    this.keep(chat, text)
    this.refusals.set(withEntry(this.refusals.get(), keyOf(chat), undefined))
    if (chat === null) return
    clearTimeout(this.timers.get(chat))
    // What was emptied must not come back to whoever leaves at once.
    if (text === '') return this.save(chat, '')
    this.timers.set(
      chat,
      setTimeout(() => this.save(chat, text), SAVE_AFTER_MS),
    )
  }

  /** It went out: nothing of it comes back, in no tab and on no other device. */
  clear(chat: ChatId): void {
    this.keep(chat, '')
    if (chat === null) return
    clearTimeout(this.timers.get(chat))
    this.save(chat, '')
  }

  /** The chat is gone, and what was typed in it stands elsewhere. */
  drop(chat: string): void {
    clearTimeout(this.timers.get(chat))
    this.keep(chat, '')
    noteSaved(chat, '')
    this.refusals.set(withEntry(this.refusals.get(), chat, undefined))
  }

  /** Words that the server did not take stand before what was written since. */
  restore(chat: ChatId, words: string, because?: Refusal): void {
    const since = this.get(chat)
    this.type(chat, since.trim() === '' ? words : `${words}\n\n${since}`)
    this.refusals.set(withEntry(this.refusals.get(), keyOf(chat), because))
  }

  /** Take over what was typed on another device, or sent from there, unless something was typed here since. */
  async refresh(chat: string): Promise<void> {
    if (!this.isAsStored(chat)) return
    const changes = this.changes.get(chat)
    // Typing needs no server; what is typed is kept here all the same.
    const draft = await fetchDraft(chat).catch(() => null)
    // What was saved since may be newer than the answer.
    if (draft === null || this.changes.get(chat) !== changes || !this.isAsStored(chat)) return
    noteSaved(chat, draft.text)
    this.keep(chat, draft.text)
  }

  private isAsStored(chat: string): boolean {
    return this.get(chat) === readStored<string>(SAVED_PREFIX + chat, '') && !this.saves.has(chat)
  }

  private keep(chat: ChatId, text: string): void {
    this.show(keyOf(chat), text)
    writeStored(PREFIX + keyOf(chat), text === '' ? null : text)
  }

  private show(key: string, text: string): void {
    this.texts.set(withEntry(this.texts.get(), key, text))
    this.changes.set(key, (this.changes.get(key) ?? 0) + 1)
  }

  /** One after the other, so that the last word is the one that stays. */
  private save(chat: string, text: string): void {
    const before = this.saves.get(chat) ?? Promise.resolve()
    const saving = before
      .then(() => saveDraft(chat, text))
      .then(
        () => noteSaved(chat, text),
        () => undefined,
      )
      .finally(() => {
        if (this.saves.get(chat) === saving) this.saves.delete(chat)
      })
    this.saves.set(chat, saving)
  }

  /** Another tab typed or sent. What differs here was typed here, and stays. */
  private readonly onOtherTab = ({ key, oldValue, newValue }: StorageEvent): void => {
    const prefix = `coda.${PREFIX}`
    if (key === null || !key.startsWith(prefix)) return
    const chat = key.slice(prefix.length)
    const here = this.texts.get().get(chat) ?? oldValue ?? ''
    if (here !== (oldValue ?? '')) return
    clearTimeout(this.timers.get(chat))
    this.show(chat, newValue ?? '')
  }
}

function noteSaved(chat: string, text: string): void {
  writeStored(SAVED_PREFIX + chat, text === '' ? null : text)
}
