/** Changes to the cached pages of the session list, without asking the server again. */
import type { InfiniteData } from '@tanstack/react-query'

import type { ChatSession, ListedChatSession, Page } from '@/shared/api'
import { flattenPages } from '@/shared/lib/flattenPages'

export type SessionPage = Page<ListedChatSession>

export type SessionPages = InfiniteData<SessionPage, unknown>

function mapItems(pages: SessionPages, change: (items: ListedChatSession[]) => ListedChatSession[]): SessionPages {
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, items: change(page.items) })) }
}

export function patchSession(pages: SessionPages | undefined, id: string, patch: Partial<ChatSession>): SessionPages | undefined {
  return pages && mapItems(pages, (items) => items.map((item) => (item.id === id ? { ...item, ...patch } : item)))
}

export function removeSession(pages: SessionPages | undefined, id: string): SessionPages | undefined {
  return pages && mapItems(pages, (items) => items.filter((item) => item.id !== id))
}

export function flattenSessions(pages: SessionPages | undefined): ListedChatSession[] {
  return flattenPages(pages, ({ id }) => id)
}
