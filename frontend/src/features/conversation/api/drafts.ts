/** What was typed and not sent, kept on the server for the other devices. */
import { api, type Draft, unwrap } from '@/shared/api'

export async function fetchDraft(sessionId: string): Promise<Draft> {
  return unwrap(api.GET('/api/v1/sessions/{session_id}/draft', { params: { path: { session_id: sessionId } } }))
}

export async function saveDraft(sessionId: string, text: string): Promise<void> {
  await unwrap(api.PUT('/api/v1/sessions/{session_id}/draft', { params: { path: { session_id: sessionId } }, body: { text } }))
}
