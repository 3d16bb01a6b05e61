import { describe, expect, it } from 'vitest'
import { isNumeric } from './columns'

describe('isNumeric', () => {
  it.each(['1', '-1.5', '−3', '1,234.50', '19.4 km', '0 %', '$0.0061', 'R$ 12,50', '10:55', '~3', '12 €', '5 km/h'])('%s', (text) => {
    expect(isNumeric(text)).toBe(true)
  })
  it.each(['A', '', '2026-11-21 and later', 'Ribeira', '3 vans at most', 'v2'])('not %s', (text) => {
    expect(isNumeric(text)).toBe(false)
  })
})
