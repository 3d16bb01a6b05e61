import { describe, expect, it } from 'vitest'

import type { AnswerPart } from './answer'
import { estimateNext } from './estimate'
import { formatCost, formatDuration, formatSeconds, modelName } from './format'
import { newId } from './ids'
import type { Message, Part } from './message'
import { answerNumber, joinPages, neighbourId, pagesWithExchange, withExchange } from './path'
import { foldSteps, sectionsOf, thoughtSummary } from './steps'

const message = (id: string, parent: string | null, role: Message['role'] = 'user', rest: Partial<Message> = {}): Message => ({
  id,
  session_id: 's',
  parent_id: parent,
  role,
  content: [{ type: 'text', text: id }],
  status: 'complete',
  model: null,
  run_id: null,
  created_at: '2026-11-21T00:00:00Z',
  siblings: { index: 0, count: 1, ids: [id] },
  usage: null,
  timing: null,
  trace_id: null,
  ...rest,
})
const part = (value: Part, isOpen = false): AnswerPart => ({ key: JSON.stringify(value), part: value, isOpen, startedAt: 0 })
const thought = (text: string, isOpen = false) => part({ type: 'reasoning', text, started_at: null, duration_ms: 100 }, isOpen)
const ids = (path: Message[]) => path.map(({ id }) => id)

describe('format', () => {
  it('writes durations with the digits that matter', () => {
    expect(formatDuration(3, 'en')).toBe('3\u202fms')
    expect(formatDuration(420, 'en')).toBe('0.42\u202fs')
    expect(formatDuration(6800, 'en')).toBe('6.8\u202fs')
    expect(formatDuration(6800, 'pt-BR')).toBe('6,8\u202fs')
    expect(formatDuration(125_000, 'en')).toBe('2:05\u202fmin')
    expect(formatSeconds(4999, 'en')).toBe('4\u202fs')
  })

  it('writes money with as many digits as it needs, and marks estimates', () => {
    expect(formatCost('0.0061', 'en')).toBe('$0.0061')
    expect(formatCost('0.000294', 'en')).toBe('$0.000294')
    expect(formatCost('12.3456', 'en')).toBe('$12.35')
    expect(formatCost('0', 'en')).toBe('$0.00')
    expect(formatCost('0.0061', 'en', { estimated: true })).toBe('~$0.0061')
  })

  it('names a model without its provider', () => {
    expect(modelName('openrouter/meta/llama-3')).toBe('meta/llama-3')
    expect(modelName('plain')).toBe('plain')
  })
})

describe('path', () => {
  const pages = [
    { items: [message('c', 'b'), message('d', 'c', 'assistant')], next_cursor: 'x' },
    { items: [message('a', null), message('b', 'a', 'assistant')], next_cursor: null },
  ]

  it('joins pages oldest first, and counts a message once', () => {
    expect(ids(joinPages([...pages, { items: [message('a', null)], next_cursor: null }]))).toEqual(['a', 'b', 'c', 'd'])
  })

  it('lays a new question after its parent, in place of what followed', () => {
    const exchange = { runId: 'r', user: message('e', 'b'), assistant: message('f', 'e', 'assistant'), error: null }
    expect(ids(withExchange(joinPages(pages), exchange))).toEqual(['a', 'b', 'e', 'f'])
    expect(ids(joinPages(pagesWithExchange(pages, exchange.user, exchange.assistant)))).toEqual(['a', 'b', 'e', 'f'])
  })

  it('puts another answer in place of the one it repeats', () => {
    const assistant = message('f', 'c', 'assistant')
    expect(ids(joinPages(pagesWithExchange(pages, null, assistant)))).toEqual(['a', 'b', 'c', 'f'])
  })

  it('begins anew for a new root', () => {
    const exchange = { runId: 'r', user: message('e', null), assistant: message('f', 'e', 'assistant'), error: null }
    expect(ids(withExchange(joinPages(pages), exchange))).toEqual(['e', 'f'])
    expect(pagesWithExchange(pages, exchange.user, exchange.assistant)).toHaveLength(1)
  })

  it('counts answers and finds neighbours', () => {
    const twin = message('d', 'c', 'assistant', { siblings: { index: 1, count: 2, ids: ['z', 'd'] } })
    expect(answerNumber(joinPages(pages), 'd')).toEqual({ index: 2, count: 2 })
    expect([neighbourId(twin, -1), neighbourId(twin, 1)]).toEqual(['z', null])
  })
})

describe('steps', () => {
  it('groups neighbouring work, and parts it by text', () => {
    const sections = sectionsOf([thought('a'), thought('b'), part({ type: 'text', text: 'x' }), thought('c')])
    expect(sections.map(({ kind }) => kind)).toEqual(['steps', 'text', 'steps'])
  })

  it('leaves out parts of a type that it does not know', () => {
    expect(sectionsOf([part({ type: 'hologram' } as unknown as Part)])).toEqual([])
  })

  it('folds more than four finished steps', () => {
    const steps = ['a', 'b', 'c', 'd', 'e'].map((text) => thought(text))
    expect(foldSteps(steps.slice(0, 4), false).folded).toEqual([])
    expect(foldSteps(steps, false)).toEqual({ folded: steps, shown: [] })
  })

  it('keeps the newest rows while work goes on', () => {
    const steps = [...['a', 'b', 'c', 'd', 'e'].map((text) => thought(text)), thought('f', true)]
    const { folded, shown } = foldSteps(steps, true)
    expect([folded.length, shown.length]).toEqual([2, 4])
  })

  it.each([
    ['**Planning the split**\n\nFirst …', 'Planning the split'],
    ['# Plan\nmore', 'Plan'],
    ['17.5 % of 2,340 is a calculation. I will use the calculator.', '17.5 % of 2,340 is a calculation'],
    ['', ''],
  ])('sums up %j', (text, summary) => {
    expect(thoughtSummary(text)).toBe(summary)
  })
})

describe('estimates', () => {
  const usage = { input_tokens: 1000, output_tokens: 200, reasoning_tokens: 0, cached_input_tokens: 0, cost_usd: '0.01', confidence: 'computed' } as const

  it('estimates the next prompt from the last one', () => {
    const context = { window: 10_000, reserved_output: 500, parts: [{ kind: 'system' as const, tokens: 800, items: 1 }], left_out: { messages: 0, tokens: 0, pictures: 0 } }
    const price = { input_per_million: '1', cached_input_per_million: null, reasoning_per_million: null, output_per_million: '10' }
    const { use, cost } = estimateNext({ draft: 'x'.repeat(400), context, lastUsage: usage, window: 10_000, price })
    expect([use.share, cost]).toEqual([0.11, 0.0031])
    expect(estimateNext({ draft: '', context: null, lastUsage: null, window: 8000, price: null })).toEqual({ use: { tokens: 0, window: 8000, share: 0 }, cost: null })
  })
})

describe('newId', () => {
  it('makes UUIDs of version 7 that sort by time', () => {
    const [earlier, later] = [newId(1_000), newId(2_000)]
    expect(earlier).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(earlier < later).toBe(true)
  })
})
