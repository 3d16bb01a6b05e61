import { describe, expect, it } from 'vitest'

import { askSnippet, pythonSnippet, whoSnippet } from './snippets'

const input = { origin: 'https://coda.example', key: 'sk-coda-x', model: 'coda-agent/demo/coda' }

describe('snippets', () => {
  it('makes a curl call whose body is JSON', () => {
    const snippet = askSnippet(input)
    const body = /-d '(.*)'$/s.exec(snippet)?.[1]

    expect(snippet).toMatch(/^curl https:\/\/coda\.example\/v1\/chat\/completions \\$/m)
    expect(snippet).toContain('Authorization: Bearer sk-coda-x')
    expect(JSON.parse(body ?? '')).toMatchObject({ model: 'coda-agent/demo/coda', messages: [{ role: 'user' }] })
  })

  it('keeps a quote in a model name from ending the argument', () => {
    expect(askSnippet({ ...input, model: "it's" })).toContain("it'\\''s")
  })

  it('asks whose a key is where it may not ask for answers', () => {
    expect(whoSnippet(input)).toBe('curl https://coda.example/api/v1/me \\\n  -H "Authorization: Bearer sk-coda-x"')
  })

  it('points the official Python client here', () => {
    expect(pythonSnippet(input)).toContain('OpenAI(base_url="https://coda.example/v1", api_key="sk-coda-x")')
  })
})
