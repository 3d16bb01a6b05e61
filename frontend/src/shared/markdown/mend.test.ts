import { describe, expect, it } from 'vitest'
import { mendTail } from './mend'

describe('mendTail', () => {
  it.each([
    ['It is **409', 'It is **409**'],
    ['It is **', 'It is'],
    ['It is **409*', 'It is **409**'],
    ['Call `f(x', 'Call `f(x`'],
    ['See [the docs](https://exa', 'See the docs'],
    ['See [the do', 'See the do'],
    ['| a | b |', ''],
    ['| a | b |\n|--', ''],
    ['| a | b |\n|---|---|\n| 1 | 2', '| a | b |\n|---|---|'],
    ['| a | b |\n|---|---|\n| 1 | 2 |', '| a | b |\n|---|---|\n| 1 | 2 |'],
    ['```py\nx = "**"', '```py\nx = "**"'],
    ['Plain, **done** and `done`.', 'Plain, **done** and `done`.'],
  ])('%j', (open, mended) => {
    expect(mendTail(open)).toBe(mended)
  })
})
