import { describe, expect, it } from 'vitest'

import { message } from '../testing/renderConversation'
import { attachmentOf } from './attachment'
import type { AttachedPart } from './message'
import { refusedFiles, standing } from './refusals'

const image = (id: string): AttachedPart => ({ type: 'image', file_id: id, name: id, media_type: 'image/png', size: 4, width: 1, height: 1 })
const file = (id: string): AttachedPart => ({ type: 'file', file_id: id, name: id, media_type: 'text/csv', size: 4 })
const question = message('u', null, 'user', { content: [{ type: 'text', text: 'Why?' }, image('a'), image('b'), file('c')] })
const problem = { code: 'llm.images_refused', message: '' }
const attached = (...ids: string[]) => ids.map((id) => attachmentOf(image(id)))

describe('the files that a refusal is about', () => {
  it('are the pictures, for a model that sees none', () => {
    expect(refusedFiles({ code: 'llm.images_refused', details: {} }, question)).toEqual(['a', 'b'])
  })

  it('are the one that is named, else all', () => {
    expect(refusedFiles({ code: 'files.gone', details: { file_id: 'c' } }, question)).toEqual(['c'])
    expect(refusedFiles({ code: 'files.not_found', details: {} }, question)).toEqual(['a', 'b', 'c'])
  })

  it('are none where it is about words', () => {
    expect(refusedFiles({ code: 'core.invalid_text', details: {} }, question)).toEqual([])
  })
})

describe('a refusal', () => {
  const refused = { problem, fileIds: ['a', 'b'], model: 'one/a' }

  it('stands while one of its files is attached and the same model is asked', () => {
    expect(standing(refused, attached('b', 'x'), 'one/a')).toBe(problem)
  })

  it('is over once they are taken out', () => {
    expect(standing(refused, attached('x'), 'one/a')).toBeNull()
  })

  it('is over once another model is asked, where the model refused', () => {
    expect(standing(refused, attached('a'), 'two/b')).toBeNull()
    const gone = { ...refused, problem: { code: 'files.gone', message: '' } }
    expect(standing(gone, attached('a'), 'two/b')).toBe(gone.problem)
  })

  it('of words does not ask for files', () => {
    expect(standing({ problem: { code: 'core.invalid_text', message: '' }, fileIds: [], model: null }, [], null)).not.toBeNull()
  })
})
