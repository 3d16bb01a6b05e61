/** Awkward texts, streamed in odd pieces: they end as if they had come whole, in linear time, and run nothing. */
import type { Nodes } from 'hast'
import { describe, expect, it } from 'vitest'
import { BlockReader } from './source/blocks'
import { soleCode } from './source/code'
import { mendTail } from './source/mend'
import { takeOut } from './source/takeOut'
import { toTree } from './tree/toTree'
import { safeUrl } from './safeUrl'
import { shownBlocks } from './useShownBlocks'

const TEXTS: Record<string, string> = {
  cjk: '# 标题\n\n这是**"重要"**的，见https://例え.jp。\n下一行 **「太好」**了\n\n- 一\n- 二\n\n|列|数|\n|-|-|\n|甲|１|\n',
  rightToLeft: '# שלום\n\nمرحبا **عالم** code\n\n- אחד\n- two\n\n> ציטוט\n\n1. ۱\n2. ב\n',
  emoji: '👩‍👩‍👧‍👦 family **👍🏽 bold** 🇧🇷\n\n- 🏳️‍🌈\n\n`👩‍💻`\n',
  fences: '````md\n```js\nx\n```\n\ny\n````\n\n- a\n\n  ```\n  b\n\n  c\n  ```\n\n~~~\n```\n~~~\n\nEnd',
  unclosed: '**a *b `c [d](e ![f](g <sub>h $i \\(j ~~k\n\n$$l\n\n```m\nn\n\no',
  lineEnds: 'one\r\ntwo\r\n\r\n- a\r\n- b\r\n\r\n```\r\nx\r\n\r\ny\r\n```\rend\r',
  tabs: '-\ta\n\n\tb\n\n\t\tcode\n\n1.\tc\n\n\tcode\n\nx\ty',
  references: 'See [a][1] and [b][B c].\n\n- [c][1]\n\n[1]: https://a.b\n[b c]: <https://c.d> "T"\n\nAnd [1].',
  notes: 'One[^1], two[^long].\n\n[^1]: First.\n[^long]: Second\n\n    with more.\n\nThree[^1].',
  tags: 'H<sub>2</sub>O<br>x<sup>2</sup> <kbd>A</kbd>\n\n<details>\n<summary>S **b**</summary>\n\n- a\n\n<details>\nT\n</details>\n</details>\n\n| a |\n|---|\n| x<br>y |\n\n<b>open\n',
  maths: 'costs $5, that is 5$. $x$ and \\(y\\)\n\n$$\na\n\nb\n$$\n\n\\[c\\]\n\n\\begin{align}\nd &= e\n\\end{align}\n\n| $|x|$ | $HOME |\n|--|--|\n| `$z$` | $1 |\n',
  lists: 'Steps:\n1. a\n   - b\n     - c\n\n       d\n\n2. e\n- [x] f\n- [ ] g\n\n7. h\n8. i\n\nTitle\n===\n\nno list 1\n* * *\n',
  reserved: 'a \uFDD00\uFDD1 $x$ \0 \uFDD1\uFDD0',
  deep: `${'>'.repeat(1_000)} quote\n\n${'- '.repeat(1_000)}item\n\n${'['.repeat(1_000)}x\n\n${'*a **b '.repeat(200)}`,
}

/** What is given to the elements, block by block. */
function treesOf(reader: BlockReader, isLive: boolean) {
  return shownBlocks(reader, isLive).shown.map(({ source, definitions, notes, isOpen }) => {
    const code = soleCode(source, isOpen)
    if (code !== null) return code
    const known = new Set(notes.split(' '))
    const { text, taken, endsInCode } = takeOut(source, { isOpen, isNote: (label) => known.has(label) })
    return toTree({ text: isOpen ? mendTail(text, endsInCode) : text, taken, definitions, isOpen })
  })
}

const normalized = (text: string) => text.replace(/\r\n?/g, '\n').replace(/[\uFDD0\uFDD1\0]/g, '\uFFFD')
const whole = (text: string) => new BlockReader().read(`${normalized(text)}\n`)

/** The same numbers each time. */
function* random(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 48_271) % 2_147_483_647
    yield state / 2_147_483_647
  }
}

describe('streaming', () => {
  it.each(Object.entries(TEXTS))('ends as the whole text: %s', (_name, text) => {
    const source = normalized(text)
    const expected = treesOf(whole(text), false)
    const numbers = random(text.length)
    for (const most of [1, 1, 7, 40]) {
      const reader = new BlockReader()
      for (let end = 0; end < source.length; end += 1 + Math.floor(numbers.next().value * most)) {
        const closed = [...reader.closed.map((block) => block.source)]
        reader.read(source.slice(0, end), true)
        // What was closed stays as it is, and so is not parsed again.
        expect(reader.closed.slice(0, closed.length).map((block) => block.source)).toEqual(closed)
        if (text.length < 500) treesOf(reader, true)
      }
      expect(treesOf(reader.read(`${source}\n`), false)).toEqual(expected)
    }
  })
})

const HUGE: Record<string, (n: number) => string> = {
  'one paragraph': (n) => 'word '.repeat(n / 5),
  'one word': (n) => 'a'.repeat(n),
  'no spaces': (n) => '漢字。'.repeat(n / 3),
  'a table': (n) => `| a | b |\n|---|---|\n${'| one | 12 |\n'.repeat(n / 13)}`,
  'a code block': (n) => `\`\`\`js\n${'let x = 1\n'.repeat(n / 10)}`,
  'quotes': (n) => '> a\n'.repeat(n / 4),
  'brackets': (n) => '[a]('.repeat(n / 4),
  'stars': (n) => '*a **b '.repeat(n / 7),
  'dollars': (n) => '$a $$ \\( '.repeat(n / 9),
  'ticks': (n) => '`a``b```c'.repeat(n / 9),
  'tags': (n) => '<b>x</i>'.repeat(n / 8),
  'notes': (n) => `${'[^1] '.repeat(n / 5)}\n\n[^1]: x`,
  'links without targets': (n) => '[t][1]\n\n'.repeat(n / 8),
}

describe('time', () => {
  it.each(Object.entries(HUGE))('grows no faster than the text: %s', (_name, make) => {
    const cost = (n: number) => {
      const text = make(n)
      const before = process.threadCpuUsage().user
      const reader = new BlockReader()
      for (let end = 0; end < text.length; end += 64) reader.read(text.slice(0, end), true)
      treesOf(reader.read(text), true)
      return process.threadCpuUsage().user - before
    }
    cost(4_000)
    // Eight times as much takes eight times as long; the square would be 64 times. The least of some turns on a busy machine.
    const least = { few: Infinity, many: Infinity }
    for (let turn = 0; turn < 8; turn += 1) {
      least.few = Math.min(least.few, cost(6_000))
      least.many = Math.min(least.many, cost(48_000))
      if (turn >= 2 && least.many < 16 * least.few) break
    }
    // What takes no time at all proves nothing.
    expect(least.many).toBeLessThan(Math.max(16 * least.few, 150_000))
  }, 60_000)

  it('reads 200 KB in pieces of a token, closing all but its end', () => {
    const text = `${'word '.repeat(30_000)}\n\n${'| a | b |\n'.repeat(5_000)}`
    const reader = new BlockReader()
    const before = process.threadCpuUsage().user
    for (let end = 5; end <= text.length; end += 5) reader.read(text.slice(0, end), true)
    expect(reader.closed.length).toBeGreaterThan(15)
    expect(process.threadCpuUsage().user - before).toBeLessThan(10_000_000)
  })
})

const ATTACKS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '<b onmouseover="alert(1)" style="position:fixed">x</b>',
  '<details open ontoggle=alert(1)><summary onclick=alert(1)>x</summary></details>',
  '<br onload=alert(1)/>',
  '<style>*{display:none}</style>',
  '<base href="https://evil.example/">',
  '<form action="https://evil.example"><input name=a></form>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](&#106;avascript:alert(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x](vbscript:msgbox(1))',
  '[x][1]\n\n[1]: javascript:alert(1)',
  '![x](javascript:alert(1))',
  '![x](https://evil.example/pixel.gif)',
  '<javascript:alert(1)>',
  '[x](//evil.example)',
  '[x](/api/v1/me)',
  '$\\href{javascript:alert(1)}{x}$',
  '<math><mtext></mtext><script>alert(1)</script></math>',
  '<sub><script>alert(1)</script></sub>',
  '```html\n<script>alert(1)</script>\n```',
  '<x-formula tex="x">',
]
const TAGS = new Set('a b blockquote br code del details em h1 h2 h3 hr i img input ins kbd li mark ol p pre s small strong sub summary sup table tbody td th thead tr u ul x-formula x-note'.split(' '))
const ATTRIBUTES = new Set('align alt checked className dataMarkdown dir disabled href isDisplay kind label open raw src start tex title type'.split(' '))

describe('what a text may not do', () => {
  it.each(ATTACKS)('%s', (text) => {
    const visit = (node: Nodes): void => {
      expect(node.type).toMatch(/^(?:root|element|text)$/)
      if (node.type === 'element') {
        expect(TAGS).toContain(node.tagName)
        for (const name of Object.keys(node.properties)) expect(ATTRIBUTES).toContain(name)
        for (const name of ['href', 'src']) expect(safeUrl(String(node.properties[name] ?? ''))).toMatch(/^(?:https?:\/\/|mailto:|$)/)
      }
      if ('children' in node) node.children.forEach(visit)
    }
    for (const isLive of [false, true]) for (const tree of treesOf(whole(text), isLive)) if ('type' in tree) visit(tree)
  })
})
