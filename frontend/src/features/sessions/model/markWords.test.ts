import { describe, expect, it } from 'vitest'

import { markWords } from './markWords'

const shown = (text: string, q: string) => markWords(text, q).map((piece) => (piece.isMarked ? `[${piece.text}]` : piece.text)).join('')

describe('markWords', () => {
  it.each([
    ['In Lisbon, near the river.', 'lisbon RIVER', 'In [Lisbon], near the [river].'],
    ['Lisbon', 'lisbon', '[Lisbon]'],
    ['football on foot', 'foot football', '[football] on [foot]'],
    ['0% (steep) a.b', '(steep) a.b 0%', '[0%] [(steep)] [a.b]'],
    ['axb', 'a.b', 'axb'],
    ['as it is', '  ', 'as it is'],
  ])('%s with %s', (text, q, wanted) => {
    expect(shown(text, q)).toBe(wanted)
  })
})
