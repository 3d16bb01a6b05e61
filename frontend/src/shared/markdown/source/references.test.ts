import { describe, expect, it } from 'vitest'
import { shownBlocks } from '../useShownBlocks'
import { BlockReader } from './blocks'

const shown = (text: string, isLive = false) => shownBlocks(new BlockReader().read(isLive ? text : `${text}\n`), isLive)
const definitions = (text: string, isLive = false) => shown(text, isLive).shown.map((block) => block.definitions)

describe('definitions of links', () => {
  it('reach every block, before and after them, and the last line too', () => {
    expect(definitions('See [a][1].\n\n[1]: https://a.b\n\nAnd [1].')).toEqual(['[1]: https://a.b', '[1]: https://a.b', '[1]: https://a.b'])
    expect(definitions('See [a][X y].\n\n- [x  Y]: <https://a.b> "T"')[0]).toBe('[x  Y]: <https://a.b> "T"')
  })

  it('are not taken from code, and the first one counts', () => {
    expect(definitions('See [1].\n\n```\n[1]: https://a.b\n```')[0]).toBe('')
    expect(definitions('See [1].\n\n[1]: https://a.b\n[1]: https://c.d')[0]).toBe('[1]: https://a.b')
  })

  it('are awaited while more may come', () => {
    expect(definitions('See [a][1], list[0][1] and [2].', true)).toEqual(['[1]: <>'])
    expect(definitions('See [a][1].')).toEqual([''])
  })

  it('change only the blocks that need them', () => {
    const reader = new BlockReader().read('See [a][1].\n\nOther.\n\n')
    const before = shownBlocks(reader, true).shown
    const after = shownBlocks(reader.read('See [a][1].\n\nOther.\n\n[1]: https://a.b\n\n'), true).shown
    expect(before[0]?.definitions).toBe('')
    expect(after[0]?.definitions).toBe('[1]: https://a.b')
    expect(after[1]?.definitions).toBe('')
  })
})

describe('footnotes', () => {
  it('are numbered as the text points to them, wherever their texts are', () => {
    const { notes, noteTexts, shown: blocks } = shown('[^b]: Second.\n\nSee[^a] and[^b].\n\nAgain[^b], `[^c]`.\n\n[^a]: First\n    with more.\n[^c]: Nobody asks.')
    expect(notes).toBe('a b')
    expect(noteTexts).toEqual([
      { label: 'a', source: 'First\nwith more.' },
      { label: 'b', source: 'Second.' },
    ])
    expect(blocks.map((block) => block.notes)).toEqual(['a b', 'b'])
  })

  it('without a text stay as they are written, but for while it may come', () => {
    expect(shown('See[^1].').notes).toBe('')
    expect(shown('See[^1] and [^0-9].\n\n', true).notes).toBe('1')
  })
})
