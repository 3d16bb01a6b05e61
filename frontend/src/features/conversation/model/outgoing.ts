/** Builds what is sent and what stands on the screen meanwhile. */
import type { StartRequest } from '@/shared/stream'

import { contentOf, questionParts } from './attachment'
import { newId } from './ids'
import type { AttachedPart, Message } from './message'
import type { Exchange } from './path'

export interface Outgoing extends Exchange {
  request: StartRequest
  /** Its chat was made for it. */
  begins?: boolean
}

interface Question {
  sessionId: string
  text: string
  /** What it shows. */
  parts?: readonly AttachedPart[]
  /** Null: a new root. */
  parentId: string | null
  model: string | null
  /** It goes below whatever is last when it arrives: two tabs make a queue, not a fork. */
  joinsQueue?: boolean
}

export function outgoingQuestion({ sessionId, text, parts = [], parentId, model, joinsQueue = false }: Question): Outgoing {
  const messageId = newId()
  const runId = newId()
  const request: StartRequest = {
    session_id: sessionId,
    run_id: runId,
    message: { id: messageId, content: contentOf(text, parts) },
    ...(joinsQueue ? {} : { parent_id: parentId }),
    ...(model === null ? {} : { model }),
  }
  const user = placeholder({ id: messageId, session_id: sessionId, parent_id: parentId, role: 'user', content: questionParts(text, parts) })
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
