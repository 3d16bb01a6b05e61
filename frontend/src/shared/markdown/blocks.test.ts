import { describe, expect, it } from 'vitest'
import { allBlocks, cutBlocks, NO_BLOCKS } from './blocks'

const cut = (source: string) => allBlocks(cutBlocks(source)).map((block) => block.trim())

describe('cutBlocks', () => {
  it('cuts paragraphs, headings and tables at blank lines', () => {
    expect(cut('# A\n\nOne\ntwo.\n\n| a |\n|---|\n| 1 |\n\nEnd\n')).toEqual(['# A', 'One\ntwo.', '| a |\n|---|\n| 1 |', 'End'])
  })

  it('keeps blank lines inside code and formulas', () => {
    expect(cut('```py\na\n\nb\n```\n\nEnd\n')).toEqual(['```py\na\n\nb\n```', 'End'])
    expect(cut('~~~\n```\n\n~~~\n\nEnd\n')).toEqual(['~~~\n```\n\n~~~', 'End'])
    expect(cut('$$\na\n\nb\n$$\n\nEnd\n')).toEqual(['$$\na\n\nb\n$$', 'End'])
  })

  it('keeps a loose list and its indented paragraphs together', () => {
    expect(cut('1. a\n\n   more\n\n2. b\n\nEnd\n')).toEqual(['1. a\n\n   more\n\n2. b', 'End'])
  })

  it('does not cut a text with footnotes', () => {
    expect(cut('See[^1].\n\nMore.\n\n[^1]: Note.\n')).toHaveLength(1)
  })

  it('gives the same blocks however the text arrives', () => {
    const source = '# A\n\nOne **two**.\n\n- a\n\n- b\n\n  c\n\n```\nx\n\ny\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd.\n'
    let blocks = NO_BLOCKS
    for (let end = 1; end <= source.length; end += 1) blocks = cutBlocks(source.slice(0, end), blocks)
    expect(allBlocks(blocks)).toEqual(allBlocks(cutBlocks(source)))
  })

  it('never changes a closed block', () => {
    const source = 'One\n\n- a\n- b\n\nTwo\n\n```\ncode\n\n```\nThree\n\nFour'
    let blocks = NO_BLOCKS
    for (let end = 1; end <= source.length; end += 1) {
      const next = cutBlocks(source.slice(0, end), blocks)
      expect(next.closed.slice(0, blocks.closed.length)).toEqual(blocks.closed)
      blocks = next
    }
  })

  it('starts over when the text is another one', () => {
    const first = cutBlocks('One\n\nTwo\n\n')
    expect(allBlocks(cutBlocks('Uno\n\nDos\n', first)).map((b) => b.trim())).toEqual(['Uno', 'Dos'])
  })
})
