import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

const css = readFileSync('src/shared/ui/styles/tokens.css', 'utf8')

const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)].map(([, name, light, dark]) => [
    name,
    { light: light!, dark: dark! },
  ]),
)

function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}

function ratio(one: string, other: string): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (high! + 0.05) / (low! + 0.05)
}

const SURFACES = ['canvas', 'panel', 'raised', 'sunken', 'block', 'hover']
const TEXTS = ['ink', 'ink-2', 'ink-3', 'accent', 'reason', 'tool', 'ok', 'warn', 'danger']
const STATES = ['accent', 'reason', 'tool', 'ok', 'warn', 'danger']

const pairs = [
  ...TEXTS.flatMap((text) => SURFACES.map((surface) => [text, surface, 4.5] as const)),
  ...STATES.map((state) => [state, `${state}-soft`, 4.5] as const),
  ...SURFACES.map((surface) => ['line-strong', surface, 3] as const),
  ['ink', 'accent-soft', 4.5] as const,
  ['on-ink', 'ink', 4.5] as const,
  ['canvas', 'danger', 4.5] as const,
  ...['ink', 'ink-2', 'accent', 'danger', 'ok'].map((text) => [text, 'selected', 4.5] as const),
  // A chosen row is told from the surface it stands on.
  ['selected', 'raised', 1.2] as const,
]

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it.each(pairs)('%s on %s reaches %d', (front, back, least) => {
    expect(ratio(tokens.get(front)![theme], tokens.get(back)![theme])).toBeGreaterThanOrEqual(least)
  })
})

describe('the brief', () => {
  it.each([
    ['ink', 14.2, 12.5],
    ['ink-2', 6.6, 7.2],
    ['ink-3', 4.8, 5.0],
    ['accent', 5.8, 7.2],
    ['tool', 4.8, 8.0],
    ['danger', 5.3, 6.0],
  ])('keeps the lowest ratio of %s', (text, light, dark) => {
    const lowest = (theme: 'light' | 'dark') =>
      Math.min(...SURFACES.map((surface) => ratio(tokens.get(text)![theme], tokens.get(surface)![theme])))

    expect(lowest('light')).toBeGreaterThanOrEqual(light - 0.05)
    expect(lowest('dark')).toBeGreaterThanOrEqual(dark - 0.05)
  })
})
