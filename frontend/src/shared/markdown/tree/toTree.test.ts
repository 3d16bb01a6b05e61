import type { Nodes } from 'hast'
import { describe, expect, it } from 'vitest'
import { takeOut } from '../source/takeOut'
import { toTree } from './toTree'

const NO_ATTRIBUTES = ['dir', 'className', 'dataMarkdown', 'raw', 'kind']

/** The tree in a short form of HTML, for reading. */
function html(source: string, { isOpen = false, definitions = '', attributes = NO_ATTRIBUTES } = {}): string {
  const { text, taken } = takeOut(source, { isOpen, isNote: () => true })
  const written = (node: Nodes): string => {
    if (node.type === 'text') return node.value === '\n' ? '' : node.value
    if (node.type === 'root') return node.children.map(written).join('')
    if (node.type !== 'element') return `[${node.type}]`
    const kept = Object.entries(node.properties).filter(([name, value]) => !attributes.includes(name) && value !== null && value !== undefined)
    const open = [node.tagName, ...kept.map(([name, value]) => `${name}=${String(value)}`)].join(' ')
    return `<${open}>${node.children.map(written).join('')}</${node.tagName}>`
  }
  return written(toTree({ text, taken, definitions, isOpen }))
}

const p = (inner: string) => `<p>${inner}</p>`

describe('tildes and emphasis', () => {
  it.each([
    ['10~20 and 5~8', '10~20 and 5~8'],
    ['~one~', '~one~'],
    ['~~two~~', '<del>two</del>'],
    ['共~~删除~~了', '共<del>删除</del>了'],
    ['**"重要"**的', '<strong>"重要"</strong>的'],
    ['是**「太好」**了。', '是<strong>「太好」</strong>了。'],
    ['AI在**“工具性智能”**方面', 'AI在<strong>“工具性智能”</strong>方面'],
    ['これは**太字。**です', 'これは<strong>太字。</strong>です'],
    ['**이것(this)**은', '<strong>이것(this)</strong>은'],
    ['2 * 3 * 4', '2 * 3 * 4'],
    ['snake_case_name', 'snake_case_name'],
  ])('%s', (source, inner) => {
    expect(html(source)).toBe(p(inner))
  })
})

describe('bare addresses', () => {
  const link = (url: string, text = url) => `<a href=${url}>${text}</a>`
  it.each([
    ['见https://a.b/c。', `见${link('https://a.b/c')}。`],
    ['https://例え.jp。次', `${link('https://%E4%BE%8B%E3%81%88.jp', 'https://例え.jp')}。次`],
    ['(https://a.b/c)。', `(${link('https://a.b/c')})。`],
    ['（https://a.b/c）和', `（${link('https://a.b/c')}）和`],
    ['https://a.b、https://c.d！', `${link('https://a.b')}、${link('https://c.d')}！`],
    ['www.a.b，x', `${link('http://www.a.b', 'www.a.b')}，x`],
    ['https://a.b/c_(d).', `${link('https://a.b/c_(d)')}.`],
    ['**https://a.b/c**', `<strong>${link('https://a.b/c')}</strong>`],
    ['<https://a.b/c。d>', link('https://a.b/c%E3%80%82d', 'https://a.b/c。d')],
    ['me@a.org。', `${link('mailto:me@a.org', 'me@a.org')}。`],
  ])('%s', (source, inner) => {
    expect(html(source)).toBe(p(inner))
  })
})

describe('lines, lists and definitions', () => {
  it('breaks lines where the text does', () => {
    expect(html('one\ntwo **three\nfour**')).toBe(p('one<br></br>two <strong>three<br></br>four</strong>'))
    expect(html('- a\n  b')).toBe('<ul><li>a<br></br>b</li></ul>')
    expect(html('so\n$$x$$\nthen')).toBe(p('so<x-formula tex=x isDisplay=true></x-formula>then'))
  })

  it('keeps the first number of a list and nests lists', () => {
    expect(html('7. a\n8. b\n   - c')).toBe('<ol start=7><li>a</li><li>b<ul><li>c</li></ul></li></ol>')
  })

  it('finds the target of a link among the definitions that it is given', () => {
    expect(html('[text][1] and [1]', { definitions: '[1]: https://a.b' })).toBe(p('<a href=https://a.b>text</a> and <a href=https://a.b>1</a>'))
  })

  it('puts formulas and notes back, in code as they were written', () => {
    expect(html('a $x_1$ `$y$` b[^1]')).toBe(p('a <x-formula tex=x_1 isDisplay=false></x-formula> <code>$y$</code> b<x-note label=1></x-note>'))
    expect(html('p\n\n        $x$\n')).toContain('$x$')
    expect(html('| $|x|$ | b |\n|--|--|\n| `a` | $y$ |')).toContain('<th><x-formula tex=|x| isDisplay=false></x-formula></th>')
    expect(html('[$x$](https://a.b/$x$)')).toContain('href=https://a.b/$x$')
  })
})

describe('HTML', () => {
  it.each([
    ['H<sub>2</sub>O, x<sup>2</sup>', 'H<sub>2</sub>O, x<sup>2</sup>'],
    ['<kbd>Ctrl</kbd>+<KBD>C</KBD>', '<kbd>Ctrl</kbd>+<kbd>C</kbd>'],
    ['<mark style="x">a **b**</mark>', '<mark>a <strong>b</strong></mark>'],
    ['a<br>b<br/>c', 'a<br></br>b<br></br>c'],
    ['<b><i>x</b></i>', '<b><i>x</b></i>'],
    ['the <sub> tag', 'the <sub> tag'],
    ['a </sub> b', 'a </sub> b'],
    ['<span>x</span>', '<span>x</span>'],
    ['<b>x <span>y</b>', '<b>x <span>y</b>'],
    ['a <!-- note --> b', 'a <!-- note --> b'],
  ])('%s', (source, inner) => {
    expect(html(source)).toBe(p(inner))
  })

  it('goes on in a tag while more may come', () => {
    expect(html('H<sub>2', { isOpen: true })).toBe(p('H<sub>2</sub>'))
  })

  it('folds details, with Markdown inside, however it is spaced', () => {
    const folded = '<details><summary>More **x**</summary><p>Text <em>y</em></p><ul><li>a</li></ul></details>'.replace('**x**', '<strong>x</strong>')
    expect(html('<details>\n<summary>More **x**</summary>\n\nText *y*\n\n- a\n\n</details>')).toBe(folded)
    expect(html('<details><summary>More **x**</summary>\nText *y*\n- a\n</details>')).toBe(folded)
    expect(html('<details open>\n<summary>S</summary>\nT\n</details>')).toBe('<details open=true><summary>S</summary><p>T</p></details>')
    expect(html('<details>\n<summary>S</summary>\n\nT', { isOpen: true })).toBe('<details><summary>S</summary><p>T</p></details>')
  })

  it('works in cells', () => {
    expect(html('| a |\n|---|\n| x<br>y<sup>2</sup> |')).toContain('<td>x<br></br>y<sup>2</sup></td>')
  })
})

describe('directions', () => {
  const dirs = (source: string) => [...html(source, { attributes: NO_ATTRIBUTES.filter((name) => name !== 'dir') }).matchAll(/<(\w+)[^>]*? dir=(\w+)/g)].map(([, tag, dir]) => `${tag ?? ''} ${dir ?? ''}`)
  it('lets every piece of text run its own way, and lists and tables the way of their words', () => {
    expect(dirs('# שלום')).toEqual(['h1 auto'])
    expect(dirs('- שלום\n- one')).toEqual(['ul rtl', 'li rtl', 'li ltr'])
    expect(dirs('- שלום\n\n- one')).toEqual(['ul rtl', 'li rtl', 'p auto', 'li ltr', 'p auto'])
    expect(dirs('> مرحبا')).toEqual(['blockquote rtl', 'p auto'])
    expect(dirs('| אב | b |\n|--|--|\n| `x` | 1 |')).toEqual(['table rtl', 'th auto', 'th auto', 'td auto', 'code ltr', 'td auto'])
  })
})
