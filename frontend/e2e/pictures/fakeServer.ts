/** Answers a page as a server would, out of memory: for looking at the screens, never for proving anything. */
import { readFileSync } from 'node:fs'

import type { Page, WebSocketRoute } from '@playwright/test'

import { createState, handle } from '../../tests/testing/fixtureApi'
import * as talk from './conversations'

type Json = Record<string, unknown>

const transcript = (name: string) =>
  readFileSync(new URL(`../../../docs/api/transcripts/${name}.jsonl`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as { metadata: { coda: Json } })

function ownRoutes(path: string): unknown {
  if (path.endsWith(`/sessions/${talk.SESSION}/messages`)) return { items: talk.messages, next_cursor: null }
  if (path.endsWith(`/sessions/${talk.SESSION}`)) {
    return { id: talk.SESSION, title: 'Delivery routes for Porto', pinned: true, active_leaf_id: talk.messages.at(-1)?.id, created_at: '2026-11-21T09:00:00Z', updated_at: '2026-11-21T09:00:00Z', run_status: null, origin: 'app' }
  }
  if (path.endsWith('/steps')) return { items: talk.steps, next_cursor: null }
  if (path.endsWith('/context')) return talk.context
  if (path.endsWith('/tools')) return { items: talk.tools }
  return null
}

/** Plays a recorded run to whoever starts one. `until` stops it in the middle. */
function play(socket: WebSocketRoute, frame: Json, { until = Infinity, paceMs = 20 }: PlayOptions): void {
  const events = transcript('tool').slice(0, until)
  const ids = { run_id: frame.run_id, session_id: frame.session_id }
  const assistantId = `answer-${String(frame.run_id)}`
  const message = (role: string, id: unknown, parent: unknown, content: unknown[], status: string) => ({
    id, session_id: frame.session_id, parent_id: parent, role, content, status, model: 'demo/coda', run_id: role === 'assistant' ? frame.run_id : null,
    created_at: new Date().toISOString(), siblings: { index: 0, count: 1, ids: [id] }, usage: null, timing: null, trace_id: null,
  })
  const question = frame.message as { id: string; content: string }
  socket.send(JSON.stringify({
    op: 'ack', ref: frame.ref, run: { id: frame.run_id },
    message: message('user', question.id, frame.parent_id ?? null, [{ type: 'text', text: question.content }], 'complete'),
    assistant: message('assistant', assistantId, question.id, [], 'queued'),
  }))
  events.forEach((event, index) => {
    const own = { ...event, timestamp: Date.now() + index * paceMs, metadata: { coda: { ...event.metadata.coda, ...ids, ...(index === 0 ? { message_id: assistantId } : {}) } } }
    setTimeout(() => socket.send(JSON.stringify(own)), index * paceMs)
  })
}

interface PlayOptions {
  until?: number
  paceMs?: number
}

export async function serveFromMemory(page: Page, options: PlayOptions = {}): Promise<void> {
  const state = createState()
  await page.route('**/api/v1/**', async (route) => {
    const request = route.request()
    const own = request.method() === 'GET' ? ownRoutes(new URL(request.url()).pathname) : null
    if (own !== null) return route.fulfill({ json: own })
    if (request.method() === 'POST' && request.url().endsWith('/sessions')) {
      const { id } = request.postDataJSON() as { id: string }
      return route.fulfill({ status: 201, json: { id, title: null, pinned: false, active_leaf_id: null, created_at: '2026-11-21T09:00:00Z', updated_at: '2026-11-21T09:00:00Z', run_status: null, origin: 'app' } })
    }
    const answer = await handle(state, new Request(request.url(), { method: request.method(), body: request.postData() ?? undefined }))
    return route.fulfill({ status: answer.status, body: answer.status === 204 ? undefined : await answer.text(), contentType: 'application/json' })
  })
  await page.routeWebSocket(/\/api\/v1\/ws/, (socket) => {
    socket.onMessage((text) => {
      const frame = JSON.parse(String(text)) as Json
      if (frame.op === 'start') play(socket, frame, options)
      else if (frame.op === 'ping') socket.send(JSON.stringify({ op: 'pong', ref: frame.ref }))
    })
  })
}
