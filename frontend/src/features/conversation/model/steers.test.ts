import { describe, expect, it } from 'vitest'

import type { Run } from '@/shared/api'

import type { AnswerPart } from './answer'
import { steerKey } from './runEntries'
import { unreadSteers } from './steers'

const run = (...steers: [string, string][]) => ({ pending_steers: steers.map(([id, content]) => ({ id, content, created_at: '' })) }) as unknown as Run
const read = (id: string): AnswerPart => ({ key: steerKey(id), part: { type: 'steer', text: '' }, isOpen: false, startedAt: 0 })

describe('unreadSteers', () => {
  it('is what the server has and then what is on its way, each once', () => {
    const outgoing = [
      { id: '2', text: 'In French' },
      { id: '3', text: 'Shorter' },
    ]
    const waiting = unreadSteers(run(['1', 'Shorter'], ['2', 'In French']), outgoing, [])
    expect(waiting.map(({ id, text }) => [id, text])).toEqual([
      ['1', 'Shorter'],
      ['2', 'In French'],
      ['3', 'Shorter'],
    ])
  })

  it('leaves out what the answer has read, the same words told apart', () => {
    expect(unreadSteers(run(['1', 'Shorter'], ['2', 'Shorter']), [], [read('1')]).map(({ id }) => id)).toEqual(['2'])
    expect(unreadSteers(null, [], [])).toEqual([])
  })
})
