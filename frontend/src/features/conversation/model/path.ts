/** The active path of a session: pages joined, questions not yet acked laid on top. Pages come newest first. */
import type { Page } from '@/shared/api'

import type { Message } from './message'

export type MessagePage = Page<Message>

/** An exchange that was sent from here and that the fetched pages may not hold yet. */
export interface Exchange {
  runId: string
  user: Message | null
  assistant: Message
  /** Set where it could not be sent; the same exchange can be tried again. */
  error: ExchangeError | null
}

export interface ExchangeError {
  code: string
  message: string
  /** From when on it may be sent again, where the server tells. */
  retryAt: number | null
}

/** Items are oldest first within a page. A message in two pages counts once. */
export function joinPages(pages: readonly MessagePage[]): Message[] {
  const seen = new Set<string>()
  const path: Message[] = []
  for (const page of pages.toReversed()) {
    for (const message of page.items) {
      if (seen.has(message.id)) continue
      seen.add(message.id)
      path.push(message)
    }
  }
  return path
}

/** Lay an exchange on the path: after its parent, in place of whatever followed there. Fetched before its ack, it is there once. */
export function withExchange(path: readonly Message[], { user, assistant }: Exchange): Message[] {
  const added = user === null ? [assistant] : [user, assistant]
  const known = path.findIndex(({ id }) => id === user?.id)
  const above = known === -1 ? pathUpTo(path, added[0]?.parent_id ?? null) : path.slice(0, known)
  return [...above, ...added]
}

/** The path down to and including a message; all of it where the message is not on it, nothing for a new root. */
function pathUpTo(path: readonly Message[], id: string | null): Message[] {
  if (id === null) return []
  const index = path.findIndex((message) => message.id === id)
  return index === -1 ? [...path] : path.slice(0, index + 1)
}

/** The same in the fetched pages: newer pages than the parent's fall away. */
export function pagesWithExchange(pages: readonly MessagePage[], user: Message | null, assistant: Message): MessagePage[] {
  const added = user === null ? [assistant] : [user, assistant]
  const parentId = added[0]?.parent_id ?? null
  if (parentId === null) return [{ items: added, next_cursor: null }]
  const at = pages.findIndex((page) => page.items.some((message) => message.id === parentId))
  const page = pages[at]
  if (page === undefined) return [...pages]
  return [{ ...page, items: [...pathUpTo(page.items, parentId), ...added] }, ...pages.slice(at + 1)]
}

/** Put a newer version of a message in its place. */
export function pagesWithMessage(pages: readonly MessagePage[], message: Message): MessagePage[] {
  return pages.map((page) =>
    page.items.some(({ id }) => id === message.id)
      ? { ...page, items: page.items.map((known) => (known.id === message.id ? message : known)) }
      : page,
  )
}

/** A question and its answer were taken out: what stood below moves up. */
export function pagesWithout(pages: readonly MessagePage[], question: Message, answer: Message): MessagePage[] {
  const gone = new Set([question.id, answer.id])
  return pages.map((page) => ({
    ...page,
    items: page.items
      .filter(({ id }) => !gone.has(id))
      .map((known) => (known.parent_id === answer.id ? { ...known, parent_id: question.parent_id } : known)),
  }))
}

/** The sibling that an arrow leads to, or null at the end of the row. */
export function neighbourId(message: Message, step: 1 | -1): string | null {
  const { ids } = message.siblings
  return ids[ids.indexOf(message.id) + step] ?? null
}

/** Which answer this is, counted along the path from one. */
export function answerNumber(path: readonly Message[], id: string): { index: number; count: number } {
  const answers = path.filter((message) => message.role === 'assistant')
  return { index: answers.findIndex((message) => message.id === id) + 1, count: answers.length }
}
