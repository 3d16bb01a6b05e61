/** Changes to the cached pages of the session list, without asking the server again. */
import type { InfiniteData } from '@tanstack/react-query'

import type { ChatSession, Page } from '@/shared/api'

export type SessionPage = Page<ChatSession>

export type SessionPages = InfiniteData<SessionPage, unknown>

function mapItems(pages: SessionPages, change: (items: ChatSession[]) => ChatSession[]): SessionPages {
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, items: change(page.items) })) }
}

export function patchSession(pages: SessionPages | undefined, id: string, patch: Partial<ChatSession>): SessionPages | undefined {
  return pages && mapItems(pages, (items) => items.map((item) => (item.id === id ? { ...item, ...patch } : item)))
}

export function removeSession(pages: SessionPages | undefined, id: string): SessionPages | undefined {
  return pages && mapItems(pages, (items) => items.filter((item) => item.id !== id))
}

/** All sessions once: a session that moved up between two pages is in both. */
export function flattenPages(pages: SessionPages | undefined): ChatSession[] {
  const seen = new Set<string>()
  return (pages?.pages ?? [])
    .flatMap((page) => page.items)
    .filter(({ id }) => !seen.has(id) && Boolean(seen.add(id)))
}
