/** The session that a conversation belongs to. */
import { queryOptions } from '@tanstack/react-query'

import { api, sessionKeys, unwrap, type ChatSession } from '@/shared/api'

export function chatSessionQuery(id: string) {
  return queryOptions({
    queryKey: sessionKeys.one(id),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/sessions/{session_id}', { params: { path: { session_id: id } }, signal })),
  })
}

/** Creating the same id again gives the session that exists. */
export async function createChatSession(id: string): Promise<ChatSession> {
  return unwrap(api.POST('/api/v1/sessions', { body: { id } }))
}

export async function deleteChatSession(id: string): Promise<void> {
  await unwrap(api.DELETE('/api/v1/sessions/{session_id}', { params: { path: { session_id: id } } }))
}

/** Show the branch that a message belongs to; the server goes down to its newest end. */
export async function showBranch(sessionId: string, messageId: string): Promise<ChatSession> {
  return unwrap(
    api.PATCH('/api/v1/sessions/{session_id}', { params: { path: { session_id: sessionId } }, body: { active_leaf_id: messageId } }),
  )
}
