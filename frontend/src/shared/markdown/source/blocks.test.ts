import { describe, expect, it } from 'vitest'
import { BlockReader, cutBlocks } from './blocks'

const cut = (source: string) => cutBlocks(source).map((block) => block.source.trim())

describe('cutBlocks', () => {
  it('cuts paragraphs, headings and tables at blank lines', () => {
    expect(cut('# A\n\nOne\ntwo.\n\n| a |\n|---|\n| 1 |\n\nEnd\n')).toEqual(['# A', 'One\ntwo.', '| a |\n|---|\n| 1 |', 'End'])
  })

  it('keeps blank lines inside code, formulas and folded text', () => {
    expect(cut('```py\na\n\nb\n```\n\nEnd\n')).toEqual(['```py\na\n\nb\n```', 'End'])
    expect(cut('````md\n```\n\n```\n\nx\n````\n\nEnd\n')).toEqual(['````md\n```\n\n```\n\nx\n````', 'End'])
    expect(cut('~~~\n```\n\n~~~\n\nEnd\n')).toEqual(['~~~\n```\n\n~~~', 'End'])
    expect(cut('$$\na\n\nb\n$$\n\nEnd\n')).toEqual(['$$\na\n\nb\n$$', 'End'])
    expect(cut('\\begin{align}\na\n\nb\n\\end{align}\n\nEnd\n')).toEqual(['\\begin{align}\na\n\nb\n\\end{align}', 'End'])
    expect(cut('<details>\n<summary>S</summary>\n\nA\n\n<details>\n\nB\n</details>\n</details>\n\nEnd\n')).toHaveLength(2)
  })

  it('keeps a loose list and its indented paragraphs together, also below a line of text', () => {
    expect(cut('1. a\n\n   more\n\n2. b\n\nEnd\n')).toEqual(['1. a\n\n   more\n\n2. b', 'End'])
    expect(cut('Steps:\n1. a\n\n   more\n\n2. b\n\nEnd\n')).toEqual(['Steps:\n1. a\n\n   more\n\n2. b', 'End'])
    expect(cut('- a\n\n  ```\n  x\n\n  y\n  ```\n\nEnd\n')).toEqual(['- a\n\n  ```\n  x\n\n  y\n  ```', 'End'])
  })

  it('keeps indented code in one piece', () => {
    expect(cut('    a\n\n    b\n\nEnd\n')).toEqual(['a\n\n    b', 'End'])
  })

  it('gives footnotes blocks of their own', () => {
    const blocks = cutBlocks('See[^1].\n[^1]: One.\n[^b]: Two\n\n    more.\n\nEnd\n')
    expect(blocks.map(({ note }) => note)).toEqual([null, '1', 'b', null])
    expect(blocks[2]?.source).toBe('[^b]: Two\n\n    more.')
  })

  it('closes a paragraph with the first letters of the next', () => {
    const reader = new BlockReader().read('One.\n\nTw')
    expect(reader.closed.map(({ source }) => source)).toEqual(['One.'])
    expect(reader.open?.source).toBe('Tw')
    // "1" may become the next item of the list.
    expect(new BlockReader().read('- a\n\n1').closed).toEqual([])
  })

  it('cuts a huge paragraph and a huge list', () => {
    const sizes = (text: string) => cutBlocks(text).map(({ source }) => source.length)
    expect(Math.max(...sizes('word '.repeat(40_000)))).toBeLessThanOrEqual(9_000)
    expect(Math.max(...sizes('漢'.repeat(200_000)))).toBeLessThanOrEqual(9_000)
    expect(Math.max(...sizes('- an item\n'.repeat(20_000)))).toBeLessThanOrEqual(9_000)
    expect(cutBlocks('\u{1F600}'.repeat(20_000)).every(({ source }) => !/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/.test(source))).toBe(true)
  })

  it('starts over when the text is another one', () => {
    const reader = new BlockReader().read('One\n\nTwo\n\n').read('Uno\n\nDos\n')
    expect([...reader.closed, reader.open].map((block) => block?.source.trim())).toEqual(['Uno', 'Dos'])
    // One that differs in the middle only, found once it has ended.
    const long = (word: string) => `${'a '.repeat(200)}\n\n${word}\n\n${'b '.repeat(200)}`
    expect(new BlockReader().read(long('old'), true).read(`${long('new')}\n`).closed[1]?.source).toBe('new')
  })
})
