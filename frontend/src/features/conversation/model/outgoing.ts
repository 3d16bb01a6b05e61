/** Builds what is sent and what stands on the screen meanwhile. */
import type { StartRequest } from '@/shared/stream'

import type { Outgoing } from './exchanges'
import { newId } from './ids'
import type { Message } from './message'

interface Question {
  sessionId: string
  text: string
  /** Null: a new root. */
  parentId: string | null
  model: string | null
  /** It goes below whatever is last when it arrives: two tabs make a line, not a fork. */
  joinsLine?: boolean
}

export function outgoingQuestion({ sessionId, text, parentId, model, joinsLine = false }: Question): Outgoing {
  const messageId = newId()
  const runId = newId()
  const request: StartRequest = {
    session_id: sessionId,
    run_id: runId,
    message: { id: messageId, content: text },
    ...(joinsLine ? {} : { parent_id: parentId }),
    ...(model === null ? {} : { model }),
  }
  const user = placeholder({ id: messageId, session_id: sessionId, parent_id: parentId, role: 'user', content: [{ type: 'text', text }] })
  return { runId, request, user, assistant: pendingAnswer(request, messageId), error: null }
}

/** Another answer to the same question. */
export function outgoingRepeat(answer: Message, model: string | null): Outgoing {
  const request: StartRequest = {
    session_id: answer.session_id,
    run_id: newId(),
    regenerate: answer.id,
    ...(model === null ? {} : { model }),
  }
  const assistant = pendingAnswer(request, answer.parent_id)
  return { runId: request.run_id, request, user: null, assistant, error: null }
}

function pendingAnswer(request: StartRequest, parentId: string | null): Message {
  return placeholder({
    id: `pending-${request.run_id}`,
    session_id: request.session_id,
    parent_id: parentId,
    role: 'assistant',
    status: 'queued',
    model: request.model ?? null,
    run_id: request.run_id,
  })
}

function placeholder(message: Partial<Message> & Pick<Message, 'id' | 'session_id' | 'parent_id' | 'role'>): Message {
  return {
    content: [],
    status: 'complete',
    model: null,
    run_id: null,
    created_at: new Date().toISOString(),
    siblings: { index: 0, count: 1, ids: [message.id] },
    usage: null,
    timing: null,
    trace_id: null,
    ...message,
  }
}
