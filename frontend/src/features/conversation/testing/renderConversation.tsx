/** Renders a conversation on its own: real stream and store, the network played by the test. */
import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, render } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { vi } from 'vitest'

import { access, type Me, meQuery } from '@/shared/api'
import type { ModelPickerProps } from '@/shared/config/slots'
import { ROLE_PERMISSIONS } from '@/shared/testing/permissions'
import { RunStream, StreamProvider } from '@/shared/stream'
import { FakeSocket } from '@/shared/stream/testing/FakeSocket'

import { ConversationPage } from '../components/ConversationPage'
import type { Message } from '../model/message'

export interface Server {
  messages: Message[]
  /** Runs that are not as their answers tell. */
  runs: Record<string, unknown>
  calls: { method: string; path: string; body: unknown }[]
  /** What a test answers itself; undefined where the usual answer will do. */
  answer: (method: string, path: string, body: unknown, query: URLSearchParams) => Response | Promise<Response> | undefined
}

const TOOLS = { items: [{ name: 'calculator', title: 'Calculated', description: 'Exact.', parameters: {}, source: 'built-in' }] }
const MODEL = { name: 'gpt-9', context_window: null, max_output_tokens: null, capabilities: { tools: true, reasoning: false, vision: false, sight: 'unknown' }, price: null, is_default: false }
const health = (status: string) => ({ status, detail: null, checked_at: null })
const MODELS = {
  items: [
    { ...MODEL, id: 'one/a', name: 'a', provider: 'one', health: health('up'), capabilities: { ...MODEL.capabilities, sight: 'blind' } },
    { ...MODEL, id: 'two/gpt-9', provider: 'two', health: health('up'), capabilities: { ...MODEL.capabilities, vision: true, sight: 'sees' } },
    { ...MODEL, id: 'three/b', provider: 'three', health: health('down') },
  ],
  default_model: null,
  chosen_default: null,
  providers: [],
}
const USAGE = {
  calls: 3,
  input_tokens: 1500,
  output_tokens: 300,
  reasoning_tokens: 0,
  cached_input_tokens: 0,
  cost_usd: '0.0123',
  unpriced_calls: 1,
  confidence: 'computed',
}
const SESSION = { id: 's', title: 'Percentages', pinned: false, active_leaf_id: null, created_at: '', updated_at: '', run_status: null, origin: 'app', usage: USAGE }

function answer(server: Server, method: string, path: string, body: unknown): unknown {
  if (method === 'POST' && path.endsWith('/sessions')) return { ...SESSION, id: (body as { id: string }).id, title: null }
  if (path.endsWith('/messages')) return { items: server.messages, next_cursor: null }
  if (path.endsWith('/tools')) return TOOLS
  if (path.endsWith('/models')) return MODELS
  if (path.endsWith('/draft')) return { text: '', updated_at: null }
  if (/\/runs\/[^/]+$/.test(path)) return runOf(server, path.slice(path.lastIndexOf('/') + 1))
  if (path.endsWith('/steps')) return { items: [], next_cursor: null }
  return SESSION
}

/** A run as far as its answer tells: what nobody has begun is held. */
function runOf({ messages, runs }: Server, id: string): unknown {
  if (id in runs) return runs[id]
  const isBegun = messages.find(({ run_id: runId }) => runId === id)?.status !== 'queued'
  return { id, session_id: 's', status: isBegun ? 'running' : 'queued', paused: false, pending_steers: [], queue: isBegun ? null : { position: 1, waits_for: 'person' } }
}

function serve(server: Server): void {
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname, searchParams } = new URL(request.url)
    const isJson = request.headers.get('Content-Type')?.includes('json') ?? false
    const body: unknown = isJson ? await request.json() : null
    server.calls.push({ method: request.method, path: pathname, body })
    return (await server.answer(request.method, pathname, body, searchParams)) ?? Response.json(answer(server, request.method, pathname, body))
  })
}

/** jsdom lays nothing out, and a list of no height shows nothing. */
function giveRoom(): void {
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(2000)
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(900)
}

interface Scene {
  /** The message to go to. */
  messageId?: string
  sessionId?: string
  messages?: Message[]
  runs?: Server['runs']
  role?: Me['organization']['role']
  answer?: Server['answer']
}

export async function renderConversation({ sessionId, messageId, messages = [], runs = {}, role = 'member', answer = () => undefined }: Scene = {}) {
  const server: Server = { messages, runs, calls: [], answer }
  const user = { id: 'me', email: 'me@example.org', name: 'Me', locale: null, time_zone: null, is_operator: false, created_at: '' }
  access.accept({ access_token: 'token', token_type: 'bearer', expires_in: 900, user })
  serve(server)
  giveRoom()
  localStorage.clear()
  sessionStorage.clear()
  FakeSocket.all = []
  vi.stubGlobal('WebSocket', FakeSocket)
  const stream = new RunStream({ url: (ticket) => `ws://coda.test/${ticket}`, ticket: () => Promise.resolve('t') })
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const organization = { id: 'org', name: 'Example Ltd', kind: 'shared', role } as const
  cache.setQueryData(meQuery.queryKey, { user, organization, organizations: [organization], permissions: ROLE_PERMISSIONS[role] })

  render(
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={cache}>
        <StreamProvider stream={stream}>
          <Page firstSession={sessionId} firstMessage={messageId} />
        </StreamProvider>
      </QueryClientProvider>
    </I18nProvider>,
  )
  await act(async () => {
    await Promise.resolve()
  })
  const socket = FakeSocket.last
  act(() => socket.accept())
  return { server, socket, user: userEvent.setup() }
}

function Page({ firstSession, firstMessage }: { firstSession: string | undefined; firstMessage: string | undefined }) {
  const [messageId, setMessage] = useState(firstMessage)
  const [sessionId, setSession] = useState(firstSession)
  return <ConversationPage sessionId={sessionId} messageId={messageId} onMessageShown={() => setMessage(undefined)} onSessionCreated={setSession} onUnbegun={() => setSession(undefined)} modelPicker={(props) => <ModelChoice {...props} />} />
}

function ModelChoice({ value, onChange }: ModelPickerProps) {
  return <input aria-label="Model" role="combobox" aria-expanded={false} aria-controls="models" value={value ?? ''} onChange={(event) => onChange(event.target.value)} />
}

export function message(id: string, parent: string | null, role: Message['role'], rest: Partial<Message> = {}): Message {
  return {
    id,
    session_id: 's',
    parent_id: parent,
    role,
    content: [{ type: 'text', text: `Words of ${id}` }],
    status: 'complete',
    model: role === 'assistant' ? 'demo/coda' : null,
    run_id: role === 'assistant' ? `run-${id}` : null,
    created_at: '2026-11-21T00:00:00Z',
    siblings: { index: 0, count: 1, ids: [id] },
    usage: null,
    timing: null,
    trace_id: null,
    ...rest,
  }
}
