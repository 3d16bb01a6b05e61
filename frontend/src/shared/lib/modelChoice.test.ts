import { describe, expect, it } from 'vitest'

import type { Model } from '@/shared/api'

import { modelInstead, suggestModel } from './modelChoice'

function model(id: string, rest: Partial<Model> & { output?: string; tools?: boolean } = {}): Model {
  const { output, tools = true, ...change } = rest
  return {
    id,
    name: id,
    provider: id.split('/')[0] ?? '',
    context_window: 128_000,
    max_output_tokens: null,
    capabilities: { tools, reasoning: false, vision: false, sight: 'unknown' },
    price: output === undefined ? null : { input_per_million: '1', output_per_million: output, cached_input_per_million: null, reasoning_per_million: null },
    health: { status: 'up', detail: null, checked_at: null },
    is_default: false,
    ...change,
  }
}

const ids = (...names: string[]) => names.map((name) => model(name))
const down = { status: 'down', detail: null, checked_at: null } as const

describe('the model that is proposed after a connection', () => {
  it.each([
    ['no alphabetical first', ids('openai/babbage-002', 'openai/gpt-4o', 'openai/gpt-5.2', 'openai/text-embedding-3-large'), 'openai/gpt-5.2'],
    ['no other trade', ids('openai/whisper-1', 'openai/dall-e-3', 'openai/gpt-4o'), 'openai/gpt-4o'],
    ['nothing unsettled', ids('gemini/gemini-3.1-pro-preview', 'gemini/gemini-2.5-flash'), 'gemini/gemini-2.5-flash'],
    ['no dated copy of the same', ids('openai/gpt-5.2-2026-01-10', 'openai/gpt-5.2'), 'openai/gpt-5.2'],
    ['versions with dashes', ids('anthropic/claude-sonnet-4-5', 'anthropic/claude-3-7-sonnet'), 'anthropic/claude-sonnet-4-5'],
    ['a size that is no version', ids('ollama/llama3.3:70b', 'ollama/llama2:13b', 'ollama/phi:14b'), 'ollama/llama3.3:70b'],
    ['one that takes tools', [model('x/new-9', { tools: false }), model('x/old-1')], 'x/old-1'],
    ['nothing dear', [model('x/pro-6', { output: '168' }), model('x/plain-5', { output: '14' })], 'x/plain-5'],
    ['nothing that is away', [model('x/a-9', { health: down }), model('x/a-1')], 'x/a-1'],
  ])('is %s', (_, models, expected) => {
    expect(suggestModel(models)?.id).toBe(expected)
  })

  it('is none where none can chat', () => {
    expect(suggestModel(ids('openai/text-embedding-3-large'))).toBeNull()
  })
})

describe('the model that answers instead of one that failed', () => {
  const all = [...ids('openai/gpt-5.2', 'openai/gpt-5.1', 'anthropic/claude-sonnet-4-5'), model('demo/coda', { provider: 'demo' })]

  it('is of another provider', () => {
    expect(modelInstead(all, 'openai/gpt-5.2')?.id).toBe('anthropic/claude-sonnet-4-5')
  })

  it('is of the same where all others are away, and never the one that failed', () => {
    const models = all.map((one) => (one.provider === 'anthropic' ? { ...one, health: down } : one))
    expect(modelInstead(models, 'openai/gpt-5.2')?.id).toBe('openai/gpt-5.1')
  })

  it('is not the demo, and none where there is nothing else', () => {
    expect(modelInstead([model('demo/coda', { provider: 'demo' }), model('x/a')], 'x/a')).toBeNull()
  })

  it('knows the provider of a model that is not listed any more', () => {
    expect(modelInstead(all, 'anthropic/gone')?.id).toBe('openai/gpt-5.2')
  })
})
