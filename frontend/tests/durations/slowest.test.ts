import { describe, expect, test } from 'vitest'

import { askedFor, slowest } from './slowest'

const TESTS = [
  { name: 'quick', ms: 4 },
  { name: 'slow', ms: 12_340 },
  { name: 'middling', ms: 900 },
]

describe('slowest', () => {
  test('lists as many as asked for, the slowest first', () => {
    expect(slowest(TESTS, 2)).toBe('slowest 2 of 3 tests\n  12.34s slow\n   0.90s middling\n')
  })

  test('lists all for 0', () => {
    expect(slowest(TESTS, 0).split('\n')).toHaveLength(5)
  })
})

describe('askedFor', () => {
  test.each([
    ['20', 20],
    ['0', 0],
    ['', null],
    ['many', null],
    [undefined, null],
  ])('%s', (given, count) => {
    expect(askedFor({ DURATIONS: given })).toBe(count)
  })
})
