/** The messages of a session: the active path page by page, and what may be done to one of them. */
import { infiniteQueryOptions, type InfiniteData, type QueryClient } from '@tanstack/react-query'

import { api, type FeedbackChange, type MessageRead, type Page, unwrap } from '@/shared/api'

import { readMessage, type Message } from '../model/message'
import { joinPages, pagesWithMessage, type MessagePage } from '../model/path'

const PAGE = 50

export const messageKeys = {
  path: (sessionId: string) => ['conversation', sessionId, 'messages'] as const,
}

export type Pages = InfiniteData<MessagePage, string | null>

const readPage = ({ items, ...page }: Page<MessageRead>): MessagePage => ({ ...page, items: items.map(readMessage) })

export function messagesQuery(sessionId: string) {
  return infiniteQueryOptions({
    queryKey: messageKeys.path(sessionId),
    queryFn: async ({ pageParam, signal }) =>
      readPage(
        await unwrap(
          api.GET('/api/v1/sessions/{session_id}/messages', {
            params: { path: { session_id: sessionId }, query: { limit: PAGE, ...(pageParam === null ? {} : { before: pageParam }) } },
            signal,
          }),
        ),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })
}

export const emptyPages = (): Pages => ({ pages: [{ items: [], next_cursor: null }], pageParams: [null] })

/** One message as it is stored now. */
export async function fetchMessage(sessionId: string, id: string): Promise<Message | null> {
  const page = readPage(
    await unwrap(
      api.GET('/api/v1/sessions/{session_id}/messages', {
        params: { path: { session_id: sessionId }, query: { leaf_id: id, limit: 1 } },
      }),
    ),
  )
  return page.items.at(-1) ?? null
}

/** Whether anything was said in it, as the server knows it now. */
export async function hasMessages(sessionId: string): Promise<boolean> {
  const path = { session_id: sessionId }
  const { items } = await unwrap(api.GET('/api/v1/sessions/{session_id}/messages', { params: { path, query: { limit: 1 } } }))
  return items.length > 0
}

export function changePages(cache: QueryClient, sessionId: string, change: (pages: MessagePage[]) => MessagePage[]): void {
  cache.setQueryData<Pages>(messageKeys.path(sessionId), (data) => {
    if (data === undefined) return data
    const pages = change(data.pages)
    return { pages, pageParams: data.pageParams.slice(0, pages.length) }
  })
}

export function putMessage(cache: QueryClient, message: Message): void {
  changePages(cache, message.session_id, (pages) => pagesWithMessage(pages, message))
}

/** A message of the path as it is known here. */
export function findMessage(cache: QueryClient, sessionId: string, test: (message: Message) => boolean): Message | undefined {
  const data = cache.getQueryData<Pages>(messageKeys.path(sessionId))
  return data === undefined ? undefined : joinPages(data.pages).find(test)
}

export async function putFeedback(id: string, change: FeedbackChange): Promise<void> {
  await unwrap(api.PUT('/api/v1/messages/{message_id}/feedback', { params: { path: { message_id: id } }, body: change }))
}
