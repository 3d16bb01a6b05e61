import { describe, expect, it } from 'vitest'
import { soleCode } from './code'

describe('soleCode', () => {
  it.each([
    ['```py\na\n\nb\n```', { code: 'a\n\nb', language: 'py', isClosed: true }],
    ['````md\n```js\nx\n```\n````', { code: '```js\nx\n```', language: 'md', isClosed: true }],
    ['~~~\n```\n~~~\n', { code: '```', language: '', isClosed: true }],
    ['  ```\n  a\n   b\n  ```', { code: 'a\n b', language: '', isClosed: true }],
    ['```\n```', { code: '', language: '', isClosed: true }],
    ['```py title="a"\nx', { code: 'x', language: 'py', isClosed: false }],
  ])('%j', (source, code) => {
    expect(soleCode(source, false)).toEqual(code)
  })

  it('is none with anything beside the code', () => {
    expect(soleCode('```\na\n```\nb', false)).toBeNull()
    expect(soleCode('text\n```\na\n```', false)).toBeNull()
    expect(soleCode('```a` b', false)).toBeNull()
  })

  it('waits for the language, and for what may become the end', () => {
    expect(soleCode('```py', true)).toBeNull()
    expect(soleCode('```py\n', true)?.code).toBe('')
    expect(soleCode('```py\nx\n``', true)?.code).toBe('x')
    expect(soleCode('```py\nx\n`y', true)?.code).toBe('x\n`y')
  })
})
