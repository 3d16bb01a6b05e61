import { describe, expect, it } from 'vitest'
import { mendTail } from './mend'

describe('mendTail', () => {
  it.each([
    ['It is **409', 'It is **409**'],
    ['It is **', 'It is '],
    ['It is **409*', 'It is **409**'],
    ['It is *so', 'It is *so*'],
    ['***both', '***both***'],
    ['**a *b', '**a *b***'],
    ['**a *b*', '**a *b***'],
    ['- **one**\n- **two', '- **one**\n- **two**'],
    ['- **a\n- b', '- **a\n- b'],
    ['2*3 and 4', '2*3 and 4'],
    ['2 * 3', '2 * 3'],
    ['snake_case_name', 'snake_case_name'],
    ['_so', '_so_'],
    ['~~gone', '~~gone~~'],
    ['10~20', '10~20'],
    ['**重要', '**重要**'],
    ['Call `f(x', 'Call `f(x`'],
    ['Call `', 'Call '],
    ['Call ``a `b', 'Call ``a `b``'],
    ['See [the docs](https://exa', 'See the docs'],
    ['See [the do', 'See the do'],
    ['See [the docs]', 'See the docs'],
    ['See [the docs][1', 'See the docs'],
    ['**[the do', '**the do**'],
    ['See ![a cat](https://exa', 'See '],
    ['See[^1', 'See'],
    ['list[0', 'list[0'],
    ['H<su', 'H'],
    ['H<sub>2', 'H<sub>2'],
    ['if a < b', 'if a < b'],
    ['if a <b and', 'if a '],
    ['A &nbs', 'A '],
    ['A \\', 'A '],
    ['Plain, **done** and `done`.', 'Plain, **done** and `done`.'],
  ])('in a line: %j', (open, mended) => {
    expect(mendTail(open)).toBe(mended)
  })

  it.each([
    ['| a | b |', ''],
    ['| a | b |\n|--', ''],
    ['| a | b |\n|---|--', ''],
    ['| a | b |\n|---|---|', '| a | b |\n|---|---|'],
    ['| a | b |\n|---|---|\n| 1 | 2', '| a | b |\n|---|---|'],
    ['| a | b |\n|---|---|\n| 1 | 2 |\n', '| a | b |\n|---|---|\n| 1 | 2 |\n'],
    ['So:\n| a ', 'So:'],
    ['- x\n  | a | b |\n  |-', '- x'],
    ['| no table\nmore', '| no table\nmore'],
    ['Items:\n-', 'Items:'],
    ['Items:\n- ', 'Items:'],
    ['Items:\n1', 'Items:'],
    ['Items:\n12.', 'Items:'],
    ['Title\n==', 'Title'],
    ['- a\n- [', '- a'],
    ['- a\n- [x] ', '- a'],
    ['##', ''],
    ['``', ''],
    ['[^1]', ''],
    ['- a\n  -', '- a'],
  ])('of blocks: %j', (open, mended) => {
    expect(mendTail(open)).toBe(mended)
  })

  it('leaves code alone, but for half of its end', () => {
    expect(mendTail('```py\nx = "**"', true)).toBe('```py\nx = "**"')
    expect(mendTail('```py\nx\n``', true)).toBe('```py\nx')
  })
})
