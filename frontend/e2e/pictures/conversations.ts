/** A made-up conversation with everything that an answer can hold, to look at the screens without a server. */
import { tool as fixtureTool } from '../../tests/testing/fixtureData'

const T0 = Date.parse('2026-11-21T09:00:00Z')
export const SESSION = '019c9e00-0000-7000-8000-0000000000a1'

const base = (id: string, parent: string | null, role: 'user' | 'assistant') => ({
  id,
  session_id: SESSION,
  parent_id: parent,
  role,
  status: 'complete',
  model: role === 'assistant' ? 'openai/gpt-5.2-mini' : null,
  run_id: role === 'assistant' ? `run-${id}` : null,
  created_at: new Date(T0).toISOString(),
  siblings: { index: 0, count: 1, ids: [id] },
  usage: null as object | null,
  timing: null as object | null,
  trace_id: role === 'assistant' ? '4bf92f3577b34da6a3ce929d0e0e4736' : null,
  feedback: null,
})

const usage = (input: number, output: number, cost: string | null, confidence = 'computed') => ({
  input_tokens: input,
  output_tokens: output,
  reasoning_tokens: Math.round(output / 3),
  cached_input_tokens: Math.round(input / 4),
  cost_usd: cost,
  confidence,
})

const tool = (name: string, args: object, result: unknown, ms: number, rest: object = {}) => ({
  type: 'tool_call',
  id: `019c9e00-0000-7000-8000-${name.padEnd(12, '0').slice(0, 12).replace(/[^0-9a-f]/g, 'd')}`,
  name,
  arguments: args,
  status: 'done',
  result,
  error: null,
  duration_ms: ms,
  evaluation: { verdict: 'ok', reason: 'The result satisfies every constraint.', attempts: 1 },
  ...rest,
})

const ROUTES = `The shortest plan drives **41.6 km** in total and needs both vans. Van A takes the four stops along the river, van B the four in the hills; moving any single parcel between them makes the day longer by at least 1.9 km.

| Van | Stops | Distance | Back by |
|---|---|---|---|
| A | Ribeira, Foz, Lordelo, Massarelos | 19.4 km | 10:55 |
| B | Bonfim, Antas, Paranhos, Cedofeita | 22.2 km | 11:20 |

The result is optimal for these distances (gap 0 %), found with [HiGHS](https://highs.dev):

\`\`\`python
plan = solve(depot="ceuta", vans=2, max_stops=5)
print(plan.total_km)   # 41.6
\`\`\`
`

const LONG = `## Why the index does not help

The planner compares two costs. For a **selective** filter the index wins, but three things can turn that around:

1. The table is cold, so every index hit is a random read.
2. The statistics are old; run \`ANALYZE\` first.
3. The column is correlated with nothing, so each hit is another page.

> An index is a bet that you will read little.

For $n$ rows and selectivity $s$ the rough cost is

$$
C_{\\text{index}} = s \\cdot n \\cdot c_{\\text{random}} \\qquad C_{\\text{scan}} = \\frac{n}{r} \\cdot c_{\\text{seq}}
$$

\`\`\`sql
EXPLAIN (ANALYZE, BUFFERS)
SELECT id, total FROM orders -- all of last week
WHERE created_at > now() - interval '7 days' AND state = 'open';
\`\`\`

- [x] Check the estimate against the actual rows
- [ ] Raise \`default_statistics_target\`

![A plan](https://example.org/plan.png)
`

export const messages = [
  { ...base('u1', null, 'user'), content: [{ type: 'text', text: 'Eight parcels leave the depot at Rua de Ceuta at 08:30. Two vans, each at most five stops. What is the shortest plan?' }] },
  {
    ...base('a1', 'u1', 'assistant'),
    siblings: { index: 1, count: 3, ids: ['a0', 'a1', 'a2'] },
    content: [
      { type: 'reasoning', text: '**Capacity and the split**\n\nEight parcels, two vans, five stops each: ten places for eight parcels. So both vans are needed.', started_at: new Date(T0).toISOString(), duration_ms: 2100 },
      tool('optimize', { sense: 'minimize', variables: { x_a: { integer: true }, x_b: { integer: true } }, objective: { x_a: 19.4, x_b: 22.2 } }, { status: 'optimal', value: 41.6, gap: 0, routes: [{ van: 'A', stops: ['Ribeira', 'Foz', 'Lordelo', 'Massarelos'] }, { van: 'B', stops: ['Bonfim', 'Antas', 'Paranhos', 'Cedofeita'] }] }, 1200),
      tool('calculator', { expression: '19.4 + 22.2' }, { value: '41.6', exact: true }, 400, { evaluation: { verdict: 'ok', reason: 'One finite number.', attempts: 2 } }),
      { type: 'text', text: ROUTES },
    ],
    usage: usage(1500, 404, '0.0061'),
    timing: { ttft_ms: 420, total_ms: 6800 },
  },
  { ...base('u2', 'a1', 'user'), content: [{ type: 'text', text: 'And why does my index not help?' }] },
  {
    ...base('a2', 'u2', 'assistant'),
    content: [
      ...['The plan', 'The statistics', 'A first look'].map((text) => ({ type: 'reasoning', text: `${text}. More words about it.`, started_at: null, duration_ms: 600 })),
      tool('date_time', { operation: 'now' }, { iso: '2026-11-21' }, 12),
      tool('table_statistics', { table: 'a,b\n1,2' }, null, 30, { status: 'failed', evaluation: undefined, error: { code: 'tools.bad_arguments', message: 'The table has no header.', details: { line: 1 } } }),
      { type: 'text', text: LONG },
      { type: 'notice', code: 'llm.fallback', message: 'openai/gpt-5.2-mini does not answer; anthropic/claude-haiku-4-5 goes on.', details: { from: 'openai/gpt-5.2-mini', to: 'anthropic/claude-haiku-4-5', reason: 'timeout' } },
      { type: 'text', text: 'That is all there is to it.' },
    ],
    usage: usage(3100, 904, null, 'estimated'),
    timing: { ttft_ms: 810, total_ms: 14_200 },
  },
  { ...base('u3', 'a2', 'user'), content: [{ type: 'text', text: 'And if van B breaks down at ten?' }] },
  {
    ...base('a3', 'u3', 'assistant'),
    status: 'stopped',
    content: [{ type: 'text', text: 'Then van A has to take over what is left of the hills, which is' }],
    usage: usage(3500, 20, '0.00042', 'estimated'),
    timing: { ttft_ms: 300, total_ms: 900 },
  },
  { ...base('u4', 'a3', 'user'), content: [{ type: 'text', text: 'Try that again with a stronger model.' }] },
  {
    ...base('a4', 'u4', 'assistant'),
    status: 'failed',
    content: [{ type: 'notice', code: 'llm.unavailable', message: 'The model’s provider does not answer. Try again, or choose another model.', details: {} }],
  },
]

export const tools = [
  fixtureTool('calculator', { title: 'Calculated' }),
  fixtureTool('optimize', { title: 'Optimised' }),
  fixtureTool('table_statistics', { title: 'Analysed a table' }),
  fixtureTool('date_time', { title: 'Checked the calendar' }),
]

const step = (kind: string, name: string, at: number, ms: number, rest: object = {}) => ({
  id: `${kind}-${name}-${String(at)}`,
  run_id: 'run-a1',
  parent_id: null,
  kind,
  name,
  status: 'done',
  started_at: new Date(T0 + at).toISOString(),
  duration_ms: ms,
  usage: null,
  data: {},
  ...rest,
})

export const steps = [
  step('wait', 'queue', 0, 100),
  step('node', 'prepare#1', 100, 40),
  step('model', 'openai/gpt-5.2-mini', 140, 2100),
  step('tool', 'optimize', 2240, 1200, { data: { tool_call_id: tool('optimize', {}, {}, 0).id } }),
  step('tool', 'calculator', 3440, 400),
  step('model', 'openai/gpt-5.2-mini', 3840, 2960),
]

export const context = {
  window: 32_768,
  reserved_output: 2048,
  parts: [
    { kind: 'system', tokens: 212, items: 1 },
    { kind: 'history', tokens: 4120, items: 9 },
    { kind: 'tools', tokens: 1486, items: 4 },
    { kind: 'question', tokens: 19, items: 1 },
  ],
  left_out: { messages: 12, tokens: 9120 },
}
