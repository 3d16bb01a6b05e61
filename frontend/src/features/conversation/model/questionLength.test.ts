import { describe, expect, it } from 'vitest'

import { excessOf, LONGEST_QUESTION } from './questionLength'

describe('the length of a question', () => {
  it('is counted in characters, as the server does', () => {
    expect(excessOf('a'.repeat(LONGEST_QUESTION))).toBe(0)
    expect(excessOf('a'.repeat(LONGEST_QUESTION + 1))).toBe(1)
    expect(excessOf('😀'.repeat(LONGEST_QUESTION))).toBe(0)
    expect(excessOf('😀'.repeat(LONGEST_QUESTION + 3))).toBe(3)
    expect(excessOf('ß'.repeat(LONGEST_QUESTION - 1) + '👍👍')).toBe(1)
  })
})
