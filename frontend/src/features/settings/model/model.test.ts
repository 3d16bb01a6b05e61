import { describe, expect, it } from 'vitest'

import { curlSnippet, pythonSnippet } from './snippets'
import { describeUserAgent } from './userAgent'

const input = { origin: 'https://coda.example', key: 'sk-coda-x', model: 'coda-agent/demo/coda' }

describe('snippets', () => {
  it('makes a curl call whose body is JSON', () => {
    const snippet = curlSnippet(input)
    const body = /-d '(.*)'$/s.exec(snippet)?.[1]

    expect(snippet).toMatch(/^curl https:\/\/coda\.example\/v1\/chat\/completions \\$/m)
    expect(snippet).toContain('Authorization: Bearer sk-coda-x')
    expect(JSON.parse(body ?? '')).toMatchObject({ model: 'coda-agent/demo/coda', messages: [{ role: 'user' }] })
  })

  it('keeps a quote in a model name from ending the argument', () => {
    expect(curlSnippet({ ...input, model: "it's" })).toContain("it'\\''s")
  })

  it('points the official Python client here', () => {
    expect(pythonSnippet(input)).toContain('OpenAI(base_url="https://coda.example/v1", api_key="sk-coda-x")')
  })
})

describe('describeUserAgent', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36', 'Chrome, Linux'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0', 'Edge, Windows'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox, macOS'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1', 'Safari, iOS'],
    ['curl/8.5.0', 'curl/8.5.0'],
    [null, null],
  ])('reads %j as %j', (text, name) => {
    expect(describeUserAgent(text)).toBe(name)
  })
})
