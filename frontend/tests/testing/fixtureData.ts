/** Made-up people, chats and models for tests of the screens. */
import type { ApiKey, ChatSession, Connection, Invite, Job, Login, Me, Model, Models, Overview, Person, SourceTool, Tool, ToolSource } from '@/shared/api'
import { OPERATOR_PERMISSIONS, ROLE_PERMISSIONS } from '@/shared/testing/permissions'

let count = 0
const uuid = () => `019c9e00-0000-7000-8000-${String((count += 1)).padStart(12, '0')}`

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Never so soon after midnight that some minutes ago would be yesterday. */
const NOW = Math.max(Date.now(), new Date().setHours(3, 0, 0, 0))
const ago = (ms: number) => new Date(NOW - ms).toISOString()

/** An administrator who operates the instance, unless told otherwise. */
/** One browser belongs to one person: whoever comes after somebody else finds a page that is loaded again. */
const ME = uuid()

export const me = (role: Me['organization']['role'] = 'admin', isOperator = true): Me => {
  const organization = { id: uuid(), name: 'Example Ltd', kind: 'shared', role } as const
  const personal = { id: uuid(), name: 'Yara Nunes', kind: 'personal', role: 'admin' } as const
  return {
    user: { id: ME, email: 'yara@example.org', name: 'Yara Nunes', locale: null, time_zone: null, is_operator: isOperator, created_at: ago(90 * DAY) },
    organization,
    organizations: [organization, personal],
    permissions: [...ROLE_PERMISSIONS[role], ...(isOperator ? OPERATOR_PERMISSIONS : [])],
  }
}

export const session = (change: Partial<ChatSession> = {}): ChatSession => ({
  id: uuid(),
  title: 'Percentages and rounding',
  pinned: false,
  active_leaf_id: null,
  created_at: ago(DAY),
  updated_at: ago(HOUR),
  run_status: null,
  origin: 'app',
  ...change,
})

export const sessions = (): ChatSession[] => [
  session({ title: 'Delivery routes for Porto', pinned: true, run_status: 'running', updated_at: ago(60_000) }),
  session({ title: 'Budget of the spring school', pinned: true, updated_at: ago(9 * DAY) }),
  session({ title: 'Percentages and rounding', updated_at: ago(5 * 60_000) }),
  session({ title: 'Why does the index not help when the filter is selective and the table is cold', updated_at: ago(9 * 60_000), run_status: 'failed' }),
  session({ title: 'Letter to the landlord', updated_at: ago(20 * 60_000), run_status: 'waiting' }),
  session({ title: 'Forecast for Q1 stock', updated_at: ago(DAY + HOUR) }),
  session({ title: 'Regex for order numbers', updated_at: ago(DAY + 2 * HOUR) }),
  session({ title: null, updated_at: ago(40 * DAY) }),
  session({ title: 'Seating plan with constraints', updated_at: ago(41 * DAY) }),
]

export const people = (myId: string): Person[] => [
  { user_id: myId, email: 'yara@example.org', name: 'Yara Nunes', role: 'admin', status: 'active', joined_at: ago(90 * DAY) },
  { user_id: uuid(), email: 'tom@example.org', name: 'Tom Becker', role: 'member', status: 'active', joined_at: ago(30 * DAY) },
  { user_id: uuid(), email: 'ines.figueiredo.alves@example.org', name: 'Inês Figueiredo Alves', role: 'viewer', status: 'suspended', joined_at: ago(12 * DAY) },
]

export const invite = (): Invite => ({ id: uuid(), email: 'rita@example.org', role: 'member', created_at: ago(0), expires_at: ago(-7 * DAY), looks_like: null, ascii_domain: null })

export const logins = (): Login[] => [
  {
    id: uuid(),
    user_agent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36',
    address: '192.168.1.20',
    created_at: ago(3 * DAY),
    last_used_at: ago(30_000),
    current: true,
  },
  {
    id: uuid(),
    user_agent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
    address: '192.168.1.31',
    created_at: ago(20 * DAY),
    last_used_at: ago(2 * DAY),
    current: false,
  },
]

export const apiKey = (): ApiKey => ({
  id: uuid(),
  name: 'Notebook',
  prefix: 'sk-coda-4Jw8',
  scopes: ['read', 'chat', 'admin'],
  created_at: ago(20 * DAY),
  last_used_at: ago(2 * HOUR),
  expires_at: ago(-70 * DAY),
})

export const apiKeys = (): ApiKey[] => [
  apiKey(),
  { ...apiKey(), name: 'Nightly report', prefix: 'sk-coda-Zk3f', scopes: ['read'], last_used_at: null, expires_at: null },
]

const health = (status: 'up' | 'down' | 'unknown', detail: string | null = null) => ({ status, detail, checked_at: ago(20_000) })

const model = (id: string, name: string, change: Partial<Model> = {}): Model => ({
  id,
  name,
  provider: id.split('/')[0]!,
  context_window: 128_000,
  max_output_tokens: 16_384,
  capabilities: { tools: true, reasoning: true, vision: false, sight: 'blind' },
  price: null,
  health: health('up'),
  is_default: false,
  ...change,
})

export const models = (): Models => ({
  default_model: 'demo/coda',
  chosen_default: null,
  items: [
    model('demo/coda', 'Demo', {
      is_default: true,
      context_window: 32_000,
      price: { input_per_million: '0', output_per_million: '0', cached_input_per_million: null, reasoning_per_million: null },
    }),
  ],
  providers: [{ id: 'demo', name: 'Demo', source: 'built-in', health: health('up'), models: 1 }],
})

const price = (input: string, output: string) => ({ input_per_million: input, output_per_million: output, cached_input_per_million: null, reasoning_per_million: null })

export function addProvider(to: Models): void {
  to.providers.push({ id: 'openai', name: 'OpenAI', source: 'connection', health: health('up'), models: 2 })
  to.items.push(
    model('openai/gpt-5.2', 'gpt-5.2', { context_window: 400_000, price: price('1.75', '14') }),
    model('openai/gpt-5.2-mini', 'gpt-5.2-mini', { context_window: 400_000, price: price('0.25', '2') }),
  )
}

export const manyModels = (): Models => {
  const all = models()
  addProvider(all)
  all.items.push(
    model('anthropic/claude-sonnet', 'claude-sonnet', { context_window: 1_000_000, price: price('3', '15') }),
    model('anthropic/claude-haiku', 'claude-haiku', { context_window: 200_000, price: price('0.80', '4') }),
    model('ollama/llama3.3', 'llama3.3', { price: price('0', '0'), health: health('down') }),
    model('ollama/qwen3', 'qwen3', { capabilities: { tools: false, reasoning: true, vision: false, sight: 'blind' }, health: health('down') }),
    model('openrouter/mistral-large', 'mistral-large', { price: price('0.05', '0.20') }),
    model('openrouter/unknown', 'a-model-with-a-very-long-name-that-does-not-fit-anywhere-2026-11-preview'),
  )
  all.providers.push(
    { id: 'anthropic', name: 'Anthropic', source: 'environment', health: health('up'), models: 2 },
    { id: 'ollama', name: 'Ollama', source: 'discovered', health: health('down', 'Nothing answers at http://localhost:11434.'), models: 2 },
    { id: 'openrouter', name: 'OpenRouter', source: 'environment', health: health('unknown'), models: 2 },
  )
  return all
}

export const connection = (): Connection => ({
  id: uuid(),
  kind: 'openai_compatible',
  name: 'Models of the house',
  provider: 'models-of-the-house',
  base_url: 'https://models.example.org/v1',
  key_hint: '7Ka2',
  allow_private: false,
  for: 'organization',
  visible_to: null,
  options: null,
  can_change: true,
  shadowed_by: null,
  health: health('up'),
  created_at: ago(20 * DAY),
})

export const job = (id: number): Job => ({
  id,
  name: 'title',
  status: 'done',
  tries: 1,
  created_at: ago(HOUR),
  due_at: ago(HOUR),
  changed_at: ago(HOUR),
  error: null,
})

export const overview = (jobsDone: number): Overview => ({
  jobs: { waiting: 0, running: 0, failed: 0, done_24h: jobsDone },
  runs: { running: 0, queued: 0, interrupted: 0, finished_24h: 0, failed_24h: 0, cancelled_24h: 0 },
  queue: { oldest_seconds: 0 },
  workers: [],
})

export const tool = (name: string, change: Partial<Tool> = {}): Tool => ({
  name,
  title: name,
  description: `What ${name} is for.`,
  parameters: {},
  source: 'built-in',
  has_side_effects: false,
  enabled: true,
  approval: 'never',
  policies: { organization: { enabled: null, approval: null }, me: { enabled: null, approval: null }, session: null },
  locked_by: null,
  locks: { enabled: null, approval: null },
  ...change,
})

export const sourceTool = (name: string, change: Partial<SourceTool> = {}): SourceTool => ({
  name,
  called: `tickets__${name}`,
  title: name,
  description: `What ${name} is for.`,
  parameters: { type: 'object' },
  result_schema: {},
  has_side_effects: true,
  may_repeat: false,
  enabled: true,
  changed: false,
  is_listed: true,
  is_used: true,
  hash: `hash of ${name}`,
  approved: null,
  ...change,
})

export const toolSource = (change: Partial<ToolSource> = {}): ToolSource => ({
  id: uuid(),
  kind: 'mcp',
  name: 'Tickets',
  prefix: 'tickets',
  for: 'organization',
  enabled: true,
  can_change: true,
  url: 'https://tickets.example.org/mcp',
  auth: null,
  stdio: null,
  process: null,
  allow_private: false,
  health: { status: 'up', latency_ms: 42, code: null, error: null, checked_at: ago(HOUR), listed_at: ago(HOUR) },
  tools: [sourceTool('search')],
  left_out: [],
  created_at: ago(DAY),
  ...change,
  ...counted(change.tools ?? [sourceTool('search')], change.left_out ?? []),
})

export const counted = (tools: SourceTool[], leftOut: ToolSource['left_out']) => {
  const there = tools.filter(({ is_listed: isListed }) => isListed)
  return { tool_count: there.length, waiting_count: there.filter(({ changed }) => changed).length, left_out_count: leftOut.length }
}
