/** A small server in memory that speaks `/api/v1`, for tests of the screens. It is not shipped. */
import type { ApiKey, ChatSession, Connection, Invite, Job, ListedChatSession, Login, Me, Models, Person, Tool, ToolSource, ToolSourceCreate } from '@/shared/api'

import * as data from './fixtureData'

export interface FixtureState {
  setupRequired: boolean
  /** Whether the browser holds a refresh cookie. */
  hasLogin: boolean
  password: string
  me: Me
  sessions: ChatSession[]
  deleted: ChatSession[]
  /** Where words stand, by chat. */
  hits: Record<string, NonNullable<ListedChatSession['hit']>>
  people: Person[]
  invites: Invite[]
  logins: Login[]
  apiKeys: ApiKey[]
  models: Models
  connections: Connection[]
  tools: Tool[]
  /** What was said about tools in single chats, by `chat/tool`. */
  chatTools: Record<string, Tool['policies']['me']>
  toolSources: ToolSource[]
  jobs: Job[]
  pageSize: number
  /** Seconds that whoever signs in is told to wait. */
  retryAfter: number | null
}

export function createState(change: Partial<FixtureState> = {}): FixtureState {
  const me = change.me ?? data.me()
  return {
    setupRequired: false,
    hasLogin: true,
    password: 'correct horse',
    me,
    sessions: data.sessions(),
    deleted: [],
    hits: {},
    people: data.people(me.user.id),
    invites: [],
    logins: data.logins(),
    apiKeys: data.apiKeys(),
    models: data.models(),
    connections: [],
    tools: [],
    chatTools: {},
    toolSources: [],
    jobs: [],
    pageSize: 50,
    retryAfter: null,
    ...change,
  }
}

interface Call {
  state: FixtureState
  params: string[]
  query: URLSearchParams
  // What arrives is trusted: a test that sends nonsense shall see it.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
  body: Record<string, any>
}

type Handler = (call: Call) => Response

const json = (body: unknown, status = 200) => Response.json(body, { status })
const empty = () => new Response(null, { status: 204 })
const refuse = (status: number, code: string, message: string, details = {}) => json({ error: { code, message, details } }, status)
/** A page of a list: `limit` rows from the one that the cursor names. */
function page(items: unknown[], query: URLSearchParams): Response {
  const from = Number(query.get('cursor') ?? 0)
  const to = from + Number(query.get('limit') ?? 50)
  return json({ items: items.slice(from, to), next_cursor: to < items.length ? String(to) : null })
}

/** The one letter of another alphabet that the tests know. */
const looksLike = (email: string) => (email.includes('а') ? email.replaceAll('а', 'a') : null)

const signedIn = (state: FixtureState, status = 200) => {
  state.hasLogin = true
  return json({ access_token: 'token', token_type: 'bearer', expires_in: 900, user: state.me.user }, status)
}

function listSessions({ state, query }: Call): Response {
  const words = (query.get('q') ?? '').toLowerCase()
  const origins = query.getAll('origin')
  const found = state.sessions
    .map((session) => ({ ...session, hit: words !== '' && state.hits[session.id]?.snippet.toLowerCase().includes(words) ? state.hits[session.id] : null }))
    .filter(({ title, hit }) => hit || (title ?? '').toLowerCase().includes(words))
    .filter(({ origin, pinned }) => origins.length === 0 || origins.includes(origin) || (pinned && query.get('pins') === 'true'))
    .sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.updated_at.localeCompare(a.updated_at))
  const from = Number(query.get('cursor') ?? 0)
  const to = from + state.pageSize
  return json({ items: found.slice(from, to), next_cursor: to < found.length ? String(to) : null })
}

/** A tool as it is in a chat, or in all of them. */
function toolIn({ chatTools }: FixtureState, tool: Tool, sessionId: string | null): Tool {
  const { organization, me } = tool.policies
  const session = sessionId === null ? null : (chatTools[`${sessionId}/${tool.name}`] ?? { enabled: null, approval: null })
  const off = organization.enabled === false ? ('organization' as const) : null
  const enabled = off === null && me.enabled !== false && session?.enabled !== false
  return { ...tool, enabled, policies: { organization, me, session }, locked_by: off, locks: { enabled: off, approval: tool.locks.approval } }
}

function change<Item>(items: Item[], isIt: (item: Item) => boolean, body: object): Response {
  const item = items.find(isIt)
  return item ? json(Object.assign(item as object, body)) : refuse(404, 'fixture.not_found', 'There is no such thing.')
}

const authRead = (auth: Call['body'] | null) => auth && { type: auth['type'], name: auth['name'] ?? null, hint: String(auth['token'] ?? auth['value']).slice(-4) }

const SOURCE_ROUTES: Record<string, Handler> = {
  'GET /tool-sources': ({ state, query }) => page(state.toolSources.map(summaryOf), query),
  'GET /tool-sources/*': ({ state, params: [id] }) => {
    const source = state.toolSources.find((known) => known.id === id)
    return source ? json(source) : refuse(404, 'tools.source_not_found', 'There is no such source.')
  },
  'POST /tool-sources/test': ({ body }) =>
    body['auth']?.token === 'wrong'
      ? json({ ok: false, tools: [], left_out: [], error: { code: 'tools.source_sign_in_refused', message: '401' }, latency_ms: 9, log: [] })
      : json({ ok: true, tools: [data.sourceTool('search')], left_out: [{ name: 'odd', reason: 'twice' }], error: null, latency_ms: 42, log: [] }),
  'GET /tool-sources/*/log': () => json({ items: [{ at: '2026-11-30T20:00:00Z', text: '[starting]' }, { at: '2026-11-30T20:00:01Z', text: 'ready' }] }),
  'POST /tool-sources': ({ state, body }) => {
    const made = data.toolSource({ name: body['name'], url: body['url'], kind: body['kind'], for: body['for'], stdio: stdioRead(body['stdio']), process: body['stdio'] ? 'idle' : null, auth: authRead(body['auth']) as ToolSource['auth'] })
    state.toolSources.unshift(made)
    return json(made, 201)
  },
  'PATCH /tool-sources/*': ({ state, params: [id], body }) => {
    const source = state.toolSources.find((known) => known.id === id)
    const { tools: decisions, auth, ...rest } = body
    if (!source) return refuse(404, 'tools.source_not_found', 'There is no such source.')
    if (rest['url'] && source.auth && auth === undefined) return refuse(422, 'tools.source_secret_needed', 'Enter it again.', { field: 'auth' })
    for (const { name, enabled, approve } of decisions as { name: string; enabled?: boolean; approve?: string }[]) {
      const tool = source.tools.find((known) => known.name === name)
      if (approve !== undefined && approve !== tool?.hash) return refuse(409, 'tools.source_changed_again', 'It has changed again.')
      Object.assign(tool ?? {}, enabled === undefined ? {} : { enabled }, approve === undefined ? {} : { changed: false, approved: null })
    }
    return json(Object.assign(source, rest, auth === undefined ? {} : { auth: authRead(auth) }))
  },
  'POST /tool-sources/*/refresh': ({ state, params: [id] }) =>
    change(state.toolSources, (source) => source.id === id, { health: data.toolSource().health }),
  'DELETE /tool-sources/*': ({ state, params: [id] }) => {
    state.toolSources = state.toolSources.filter((source) => source.id !== id)
    return empty()
  },
}

const stdioRead = (stdio: ToolSourceCreate['stdio']): ToolSource['stdio'] =>
  stdio ? { cwd: null, ...stdio, is_fixed: false, secrets: Object.fromEntries(Object.keys(stdio.secrets ?? {}).map((name) => [name, '…9Zz1'])) } : null

const summaryOf = ({ tools, left_out: leftOut, ...source }: ToolSource) => ({ ...source, ...data.counted(tools, leftOut) })

const ROUTES: Record<string, Handler> = {
  'GET /auth/state': ({ state }) => json({ setup_required: state.setupRequired, version: '0.1.0' }),
  'POST /auth/refresh': ({ state }) => (state.hasLogin ? signedIn(state) : refuse(401, 'identity.not_signed_in', 'Sign in.')),
  'POST /auth/login': ({ state, body }) => {
    if (state.retryAfter !== null) return refuse(429, 'core.too_many_attempts', 'Too many attempts.', { retry_after: state.retryAfter })
    return body['password'] === state.password ? signedIn(state) : refuse(401, 'identity.invalid_credentials', 'E-mail or password is wrong.')
  },
  'POST /auth/logout': ({ state }) => {
    state.hasLogin = false
    return empty()
  },
  'GET /auth/links/*': ({ params: [token] }) => {
    if (token === 'setup') return json({ purpose: 'setup', email: null, organization: null })
    if (token === 'invite') return json({ purpose: 'invite', email: 'rita@example.org', organization: 'Example Ltd' })
    if (token === 'reset') return json({ purpose: 'reset', email: 'rita@example.org', organization: null })
    return refuse(410, 'identity.link_used', 'This link was used.')
  },
  'POST /auth/setup': ({ state }) => signedIn(state, 201),
  'POST /auth/invite': ({ state }) => signedIn(state, 201),
  'POST /auth/reset': ({ state }) => signedIn(state),
  'POST /ws-tickets': () => json({ ticket: 'ticket' }),
  'GET /me': ({ state }) => json(state.me),
  'PATCH /me': ({ state, body }) => json(Object.assign(state.me.user, body)),
  'POST /me/password': ({ state, body }) => {
    if (body['current_password'] !== state.password) return refuse(403, 'identity.wrong_password', 'The current password is wrong.')
    state.password = body['new_password']
    return new Response(null, { status: 204, headers: { 'Coda-Api-Keys': String(state.apiKeys.length) } })
  },
  'GET /me/logins': ({ state, query }) => page(state.logins, query),
  'DELETE /me/logins/*': ({ state, params: [id] }) => {
    state.logins = state.logins.filter((login) => login.id !== id)
    return empty()
  },
  'GET /sessions': listSessions,
  'POST /sessions': ({ state, body }) => {
    const made = data.session({ id: body['id'], title: null })
    state.sessions.push(made)
    return json(made, 201)
  },
  'GET /sessions/*': ({ state, params: [id] }) => change(state.sessions, (session) => session.id === id, {}),
  'PATCH /sessions/*': ({ state, params: [id], body }) => change(state.sessions, (session) => session.id === id, body),
  'DELETE /sessions/*': ({ state, params: [id] }) => {
    state.deleted.push(...state.sessions.filter((session) => session.id === id))
    state.sessions = state.sessions.filter((session) => session.id !== id)
    return empty()
  },
  'POST /sessions/*/restore': ({ state, params: [id] }) => {
    state.sessions.push(...state.deleted.filter((session) => session.id === id))
    return change(state.sessions, (session) => session.id === id, {})
  },
  'GET /sessions/*/messages': ({ query }) => page([], query),
  'GET /sessions/*/draft': () => json({ text: '', updated_at: null }),
  'PUT /sessions/*/draft': ({ body }) => json({ text: body['text'], updated_at: null }),
  'GET /tools': ({ state, query }) => json({ items: state.tools.map((tool) => toolIn(state, tool, query.get('session_id'))) }),
  'PATCH /tools/*': ({ state, params: [name], body }) => {
    const tool = state.tools.find((known) => known.name === name)
    if (!tool) return refuse(404, 'tools.not_found', 'There is no such tool.')
    const { for: level, session_id: sessionId, ...words } = body
    if (level === 'organization' && !state.me.permissions.includes('organization:write')) return refuse(403, 'organizations.admins_only', 'No.')
    const said = level === 'session' ? (state.chatTools[`${sessionId}/${name}`] ??= { enabled: null, approval: null }) : tool.policies[level as 'me' | 'organization']
    Object.assign(said, words)
    return json(toolIn(state, tool, sessionId ?? null))
  },
  ...SOURCE_ROUTES,
  'GET /models': ({ state }) => json(state.models),
  'PATCH /organization/settings': ({ state, body }) => {
    state.models.chosen_default = body['default_model']
    state.models.default_model = body['default_model'] ?? 'demo/coda'
    for (const model of state.models.items) model.is_default = model.id === body['default_model']
    return json({ default_model: body['default_model'] })
  },
  'GET /connections': ({ state, query }) => page(state.connections, query),
  'POST /connections/test': ({ body }) =>
    String(body['api_key'] ?? 'ok').includes('wrong')
      ? json({ ok: false, models: [], error: 'The provider refused this key.', latency_ms: 90 })
      : json({ ok: true, models: ['gpt-5.2', 'gpt-5.2-mini'], error: null, latency_ms: 182 }),
  'POST /connections': ({ state, body }) => {
    const connection: Connection = {
      ...data.connection(),
      kind: body['kind'],
      name: body['name'] ?? 'OpenAI',
      base_url: body['base_url'] ?? null,
      key_hint: body['api_key'] ? String(body['api_key']).slice(-4) : null,
      for: body['for'] ?? 'organization',
      created_at: new Date().toISOString(),
    }
    state.connections.push(connection)
    data.addProvider(state.models)
    return json(connection, 201)
  },
  'PATCH /connections/*': ({ state, params: [id], body }) => {
    const { key, ...rest } = body
    const known = state.connections.find((connection) => connection.id === id)
    if (rest['base_url'] && known?.key_hint && !key) return refuse(422, 'llm.connection_key_needed', 'Enter the key again.')
    return change(state.connections, (connection) => connection.id === id, { ...rest, ...(key ? { key_hint: String(key).slice(-4) } : {}) })
  },
  'POST /connections/*/test': () => json({ ok: true, models: ['gpt-5.2'], error: null, latency_ms: 90 }),
  'DELETE /connections/*': ({ state, params: [id] }) => {
    state.connections = state.connections.filter((connection) => connection.id !== id)
    return empty()
  },
  'POST /v1/chat/completions': ({ body }) =>
    String(body['model']).includes('mini')
      ? refuse(404, 'llm.model_not_found', 'There is no such model.')
      : json({ id: 'c', object: 'chat.completion', created: 0, model: body['model'], choices: [] }),
  'GET /admin/overview': ({ state }) => json(data.overview(state.jobs.length)),
  'GET /admin/jobs': ({ state, query }) => page(state.jobs.filter(({ status }) => status === query.get('status')), query),
  'GET /people': ({ state, query }) => page(state.people, query),
  'PATCH /people/*': ({ state, params: [id], body }) => change(state.people, (person) => person.user_id === id, body),
  'GET /people/invites': ({ state, query }) => page(state.invites, query),
  'POST /people/invites': ({ state, body }) => {
    const invite: Invite = { ...data.invite(), email: body['email'], role: body['role'], looks_like: looksLike(body['email']) }
    state.invites.push(invite)
    return json({ ...invite, link: 'https://coda.example/invite?token=9hQ2vWm7Zk4TqXy0' }, 201)
  },
  'DELETE /people/invites/*': ({ state, params: [id] }) => {
    state.invites = state.invites.filter((invite) => invite.id !== id)
    return empty()
  },
  'GET /api-keys': ({ state, query }) => page(state.apiKeys, query),
  'POST /api-keys': ({ state, body }) => {
    const apiKey: ApiKey = { ...data.apiKey(), name: body['name'], expires_at: body['expires_at'], scopes: body['scopes'], last_used_at: null }
    state.apiKeys.unshift(apiKey)
    return json({ ...apiKey, key: 'sk-coda-4Jw8cT1xR6pLq0ZbN3vYs7Ka' }, 201)
  },
  'DELETE /api-keys/*': ({ state, params: [id] }) => {
    state.apiKeys = state.apiKeys.filter((key) => key.id !== id)
    return empty()
  },
}

const PATTERNS = Object.entries(ROUTES).map(([route, handler]) => {
  const [method, path = ''] = route.split(' ')
  return { method, pattern: new RegExp(`^${path.startsWith('/v1/') ? '' : '/api/v1'}${path.replaceAll('*', '([^/]+)')}$`), handler }
})

/** Answers one request as the server would. */
export async function handle(state: FixtureState, request: Request): Promise<Response> {
  const url = new URL(request.url)
  for (const { method, pattern, handler } of PATTERNS) {
    const match = method === request.method ? pattern.exec(url.pathname) : null
    if (!match) continue
    const text = await request.text()
    const body = (text ? JSON.parse(text) : {}) as Call['body']
    return handler({ state, params: match.slice(1), query: url.searchParams, body })
  }
  return refuse(404, 'fixture.no_route', `${request.method} ${url.pathname}`)
}
