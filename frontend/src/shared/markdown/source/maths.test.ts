import { describe, expect, it } from 'vitest'
import { takeOut } from './takeOut'

const read = (source: string, isOpen = false) => takeOut(source, { isOpen, isNote: () => false })
const formulas = (source: string) => read(source).taken.map((item) => (item.kind === 'formula' ? `${item.isDisplay ? 'D' : 'I'} ${item.tex}` : ''))

describe('formulas', () => {
  it.each([
    ['Area $\\pi r^2$.', 'I \\pi r^2'],
    ['where $x$ is', 'I x'],
    ['so $a + b = c$, and', 'I a + b = c'],
    ['$O(n log n)$ time', 'I O(n log n)'],
    ['$2^{10}$', 'I 2^{10}'],
    ['（$x$）', 'I x'],
    ['Area \\(x\\).', 'I x'],
    ['and $$y$$ here', 'I y'],
    ['$$x = 1$$', 'D x = 1'],
    ['$$\nx = 1\n$$', 'D x = 1'],
    ['> $$\n> x = 1\n> $$', 'D x = 1'],
    ['- $$x$$', 'D x'],
    ['\\[ x = 1 \\]', 'D x = 1'],
    ['so \\[x\\] holds', 'D x'],
    ['\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}', 'D \\begin{align}\na &= b \\\\\nc &= d\n\\end{align}'],
    ['| $|x|$ | b |', 'I |x|'],
  ])('%j', (source, formula) => {
    expect(formulas(source)).toEqual([formula])
  })

  it.each([
    'It costs $5 and $10.',
    'costs $5, that is 5$',
    '$5/$10 a month',
    'from $0.50 to 0.60$ each',
    'R$ 12,29/metro e R$ 15,83/metro',
    'US$5 and A$6 or C$7',
    '**$1.50** or **$2.00**',
    '| $5 | $10 |',
    '$HOME/bin:$PATH',
    'set $HOME and $PATH',
    '${A}${B}',
    '$(pwd)$(ls)',
    'pay 5$ or 6$',
    '\\$x\\$',
    '`$x$` stays',
    '``a ` $x$``',
    '```\n$x$\n```',
    '> ```\n> $x$\n> ```',
    '- ~~~\n  $x$\n  ~~~',
    '\\\\(x\\\\)',
    '\\[not a formula\\]',
    'https://a.b/?x=$a$b',
    '$$ is the process, and so on',
    'one $x\n\ntwo$ apart',
    '\\begin{document}x\\end{document}',
  ])('none in %j', (source) => {
    expect(formulas(source)).toEqual([])
  })

  it.each([
    ['so $$\\frac{1}', 'so '],
    ['so \\(x + ', 'so '],
    ['so\n\\[\nx\n\ny', 'so\n'],
    ['so $E = m', 'so '],
    ['$$\nx =\n\n', ''],
    ['costs $5 and', 'costs $5 and'],
    ['set $HOME to', 'set $HOME to'],
    ['one $$ two\n\nthree', 'one $$ two\n\nthree'],
  ])('holds half a formula back: %j', (source, shown) => {
    expect(read(source, true).text).toBe(shown)
  })
})
