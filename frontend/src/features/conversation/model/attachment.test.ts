import { describe, expect, it } from 'vitest'

import { storedFile } from '../testing/fileServer'
import { attachmentOf, contentOf, partOf, questionParts, type Attachment } from './attachment'

const here = (rest: Partial<Attachment> = {}): Attachment => ({
  key: 'k', name: 'a.png', size: 4, isPicture: true, alt: '', progress: 1, file: storedFile('a'), problem: null, mayRetry: false, ...rest,
})

describe('an attachment', () => {
  it('is a picture of the message, with its size and its description', () => {
    expect(partOf(here({ alt: ' A wall ' }))).toEqual({ type: 'image', file_id: 'a', name: 'a.png', media_type: 'image/png', size: 4, width: 320, height: 200, alt: 'A wall' })
    expect(partOf(here({ alt: ' ' }))).not.toHaveProperty('alt')
  })

  it('is a file where the server sees no picture in it, whatever the browser took it for', () => {
    const file = storedFile('a', { kind: 'file', media_type: 'application/octet-stream', width: null, height: null })
    expect(partOf(here({ file }))).toEqual({ type: 'file', file_id: 'a', name: 'a.png', media_type: 'application/octet-stream', size: 4 })
  })

  it('is nothing of a message while it is on its way', () => {
    expect(partOf(here({ file: null, progress: 0.5 }))).toBeNull()
  })

  it('comes back as it went out', () => {
    const part = partOf(here({ alt: 'A wall' }))
    expect(part && partOf(attachmentOf(part))).toEqual(part)
  })
})

describe('a question', () => {
  const part = partOf(here({ alt: 'A wall' }))
  const parts = part === null ? [] : [part]

  it('is only its words where nothing is attached', () => {
    expect(contentOf('Why?', [])).toBe('Why?')
  })

  it('names its files by their ids, below its words', () => {
    expect(contentOf('Why?', parts)).toEqual([{ type: 'text', text: 'Why?' }, { type: 'file', file_id: 'a', alt: 'A wall' }])
    expect(contentOf(' ', parts)).toEqual([{ type: 'file', file_id: 'a', alt: 'A wall' }])
  })

  it('shows them as the server will', () => {
    expect(questionParts('Why?', parts)).toEqual([{ type: 'text', text: 'Why?' }, ...parts])
    expect(questionParts('', parts)).toEqual(parts)
  })
})
