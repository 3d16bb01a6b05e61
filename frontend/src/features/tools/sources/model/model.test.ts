import { describe, expect, it } from 'vitest'

import type { ToolSourceSummary } from '@/shared/api'

import { lineDifference, type Piece, seen, wordDifference } from './difference'
import { changeOf, draftOf, EMPTY_DRAFT, keepsSecret, toSource } from './sourceDraft'
import { suggestedName } from './suggestedName'

describe('the name that an address suggests', () => {
  it.each([
    ['https://tickets.example.org/mcp', 'Tickets'],
    ['https://mcp.linear.app/sse', 'Linear'],
    ['https://my-notes.example.org', 'My notes'],
    ['http://localhost:8000/mcp', 'Localhost'],
    ['http://127.0.0.1:8000/mcp', '127.0.0.1'],
    ['https://', ''],
    ['tickets', ''],
  ])('of %s is %s', (address, name) => {
    expect(suggestedName(address)).toBe(name)
  })
})

describe('a difference', () => {
  it('is told by words', () => {
    const pieces = wordDifference('Add two numbers.', 'Add many numbers.')

    expect(pieces.filter(({ kind }) => kind !== 'new').map(({ text }) => text).join('')).toBe('Add two numbers.')
    expect(pieces.filter(({ kind }) => kind !== 'gone').map(({ text }) => text).join('')).toBe('Add many numbers.')
    expect(pieces.filter(({ kind }) => kind !== 'same')).toEqual([
      { kind: 'gone', text: 'two' },
      { kind: 'new', text: 'many' },
    ])
  })

  it.each([
    ['Add.\u{e0041}\u{e0042}', '⟨U+E0041⟩⟨U+E0042⟩'],
    ['Add.\u202edda', '⟨U+202E⟩'],
    ['Add.\u{e0101}', '⟨U+E0101⟩'],
    ['Add.\u200b', '⟨U+200B⟩'],
    ['Add.\u001b[8m', '⟨U+001B⟩'],
  ])('shows what would not be seen: %j', (after, shown) => {
    const told = (pieces: Piece[]) => pieces.filter(({ kind }) => kind === 'new').map(({ text }) => text).join('')

    expect(told(wordDifference('Add.', after))).toContain(shown)
    expect(told(lineDifference({ enum: ['Add.'] }, { enum: [after] }))).toContain(after.includes('\u001b') ? '\\u001b' : shown)
  })

  it('leaves what belongs to words', () => {
    expect(seen('👩‍👩‍👧 می‌خواهم ❤️\n\tx')).toBe('👩‍👩‍👧 می‌خواهم ❤️\n\tx')
  })

  it('is told by lines of a schema, and is none between equals', () => {
    const changed = lineDifference({ a: 1, b: 2 }, { a: 1, b: 3 }).filter(({ kind }) => kind !== 'same')

    expect(changed.map(({ kind, text }) => [kind, text.trim()])).toEqual([
      ['gone', '"b": 2'],
      ['new', '"b": 3'],
    ])
    expect(lineDifference({ a: 1 }, { a: 1 }).every(({ kind }) => kind === 'same')).toBe(true)
  })
})

describe('what is sent of a source', () => {
  const stored = { url: 'https://a.example/mcp', name: 'A', auth: { type: 'header', name: 'x-key', hint: '9Zz1' } } as ToolSourceSummary
  const draft = draftOf(stored)

  it.each([
    [{}, {}],
    [{ name: 'B ' }, { name: 'B' }],
    [{ secret: 's' }, { auth: { type: 'header', name: 'x-key', value: 's' } }],
    [{ signIn: 'bearer', secret: 's' }, { auth: { type: 'bearer', token: 's' } }],
    [{ signIn: 'none' }, { auth: null }],
    [{ url: 'https://b.example/mcp', secret: 's' }, { url: 'https://b.example/mcp', auth: { type: 'header', name: 'x-key', value: 's' } }],
  ] as const)('is what has changed: %j', (change, sent) => {
    expect(changeOf(stored, { ...draft, ...change })).toEqual(sent)
  })

  it('needs the secret again for another address, another header, another way', () => {
    expect(keepsSecret(stored, draft)).toBe(true)
    expect(keepsSecret(stored, { ...draft, url: 'https://b.example/mcp' })).toBe(false)
    expect(keepsSecret(stored, { ...draft, header: 'x-other' })).toBe(false)
    expect(keepsSecret(stored, { ...draft, signIn: 'bearer' })).toBe(false)
  })

  it('has the suggested name until another is typed', () => {
    const added = { ...EMPTY_DRAFT, url: 'https://tickets.example.org/mcp' }

    expect(toSource(added, 'me')).toEqual({ kind: 'mcp', name: 'Tickets', url: added.url, for: 'me', auth: null })
    expect(toSource({ ...added, name: 'Mine' }, 'me').name).toBe('Mine')
  })
})
