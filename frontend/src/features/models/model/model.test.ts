import { describe, expect, it } from 'vitest'

import type { Models } from '@/shared/api'

import { detectKind, toConnection } from './detectKind'
import { groupModels, shortName } from './groupModels'

describe('detectKind', () => {
  it.each([
    ['sk-ant-api03-x', 'anthropic'],
    [' sk-or-v1-x', 'openrouter'],
    ['AIzaSyX', 'gemini'],
    ['sk-proj-x', 'openai'],
    ['sk-plain', null],
    ['', null],
  ])('takes %j for %s', (key, kind) => {
    expect(detectKind(key)).toBe(kind)
  })
})

describe('toConnection', () => {
  const draft = { name: ' Lab ', address: ' https://llm.example/v1 ', key: ' k ' }

  it('sends only the fields of the kind', () => {
    expect(toConnection({ ...draft, kind: 'openai', name: '' })).toEqual({ kind: 'openai', api_key: 'k' })
    expect(toConnection({ ...draft, kind: 'ollama', name: '' })).toEqual({ kind: 'ollama', base_url: 'https://llm.example/v1' })
    expect(toConnection({ ...draft, kind: 'openai_compatible' })).toEqual({
      kind: 'openai_compatible',
      name: 'Lab',
      base_url: 'https://llm.example/v1',
      api_key: 'k',
    })
  })

  it('leaves out what is empty', () => {
    expect(toConnection({ kind: 'openai_compatible', name: '', address: 'http://x/v1', key: ' ' })).toEqual({
      kind: 'openai_compatible',
      base_url: 'http://x/v1',
    })
  })
})

describe('groupModels', () => {
  const health = (status: 'up' | 'down' | 'unknown') => ({ status, detail: null, checked_at: null })
  const provider = (id: string, status: 'up' | 'down' | 'unknown') =>
    ({ id, name: id.toUpperCase(), source: 'environment', health: health(status), models: 1 }) as const
  const model = (id: string) =>
    ({
      id,
      name: shortName(id),
      provider: id.split('/')[0]!,
      context_window: null,
      max_output_tokens: null,
      capabilities: { tools: true, reasoning: false, vision: false, sight: 'unknown' },
      price: null,
      health: health('up'),
      is_default: false,
    }) satisfies Models['items'][number]
  const models = {
    items: [model('a/one'), model('b/two'), model('b/three'), model('c/four')],
    providers: [provider('a', 'down'), provider('b', 'up'), provider('c', 'unknown'), provider('d', 'up')],
  }
  const ids = (search?: string) => groupModels(models, search).map((group) => [group.provider.id, ...group.models.map(({ id }) => id)])

  it('puts what can answer first and leaves out who offers nothing', () => {
    expect(ids()).toEqual([['b', 'b/two', 'b/three'], ['c', 'c/four'], ['a', 'a/one']])
  })

  it('finds by all words, in the names of model and provider', () => {
    expect(ids('B th')).toEqual([['b', 'b/three']])
    expect(ids('nothing')).toEqual([])
  })
})
