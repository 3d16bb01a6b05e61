import { describe, expect, it } from 'vitest'

import { detectLocale } from './locale'

describe('detectLocale', () => {
  it.each([
    ['pt-BR', ['en'], 'pt-BR'],
    [null, ['pt-PT', 'en'], 'pt-BR'],
    [null, ['de-DE', 'en-GB', 'pt'], 'en'],
    [null, ['de'], 'en'],
    ['de', ['pt'], 'pt-BR'],
  ] as const)('takes %j stored and %j wanted for %s', (stored, wanted, locale) => {
    expect(detectLocale(stored, wanted)).toBe(locale)
  })
})
