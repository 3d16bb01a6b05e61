import { describe, expect, it } from 'vitest'
import { hasMaths, unifyMaths } from './maths'

describe('unifyMaths', () => {
  it.each([
    ['Area $\\pi r^2$.', 'Area $$\\pi r^2$$.'],
    ['Area \\(x\\).', 'Area $$x$$.'],
    ['It costs $5 and $10.', 'It costs $5 and $10.'],
    ['$5/$10 a month', '$5/$10 a month'],
    ['`$x$` stays', '`$x$` stays'],
    ['```\n$x$\n```', '```\n$x$\n```'],
  ])('%j', (text, unified) => {
    expect(unifyMaths(text)).toBe(unified)
  })

  it('makes a block of a formula that stands alone', () => {
    expect(unifyMaths('so\n\n$$x = 1$$\n\nand $$y$$ here')).toBe('so\n\n$$\nx = 1\n$$\n\nand $$y$$ here')
  })

  it('puts a bracketed formula on lines of its own', () => {
    expect(unifyMaths('\\[ x = 1 \\]')).toBe('\n$$\nx = 1\n$$\n')
  })
})

describe('hasMaths', () => {
  it('tells formulas from money', () => {
    expect(hasMaths('It costs $5 and $10.')).toBe(false)
    expect(hasMaths('$$x$$')).toBe(true)
    expect(hasMaths('so $a+b$ is')).toBe(true)
  })
})
