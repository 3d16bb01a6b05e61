import { describe, expect, it } from 'vitest'

import { titleOf } from './title'

describe('titleOf', () => {
  it.each([
    ['What is 17.5 % of 2,340?', 'What is 17.5 % of 2,340?'],
    ['\n\n  First   line \nsecond line', 'First line'],
    ['---\nWords at last', 'Words at last'],
    ['Compare the three cheapest ways to send forty pallets from Porto to Gdansk', 'Compare the three cheapest ways to send forty pallets from…'],
    ['x'.repeat(100), `${'x'.repeat(59)}…`],
  ])('%j is called %j', (question, title) => {
    expect(titleOf(question)).toBe(title)
  })

  it('has no name for a question without words', () => {
    expect(titleOf('??? …')).toBeNull()
  })
})
