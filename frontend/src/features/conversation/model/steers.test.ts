import { beforeEach, describe, expect, it } from 'vitest'

import type { AnswerPart } from './answer'
import { countSteers, PendingSteers, unread } from './steers'

const steer = (id: string, text: string, seenBefore = 0) => ({ id, text, seenBefore })
const read = (text: string): AnswerPart => ({ key: text, part: { type: 'steer', text }, isOpen: false, startedAt: 0 })

describe('PendingSteers', () => {
  beforeEach(() => localStorage.clear())

  it('keeps what was sent over a reload, until it is read, refused or the answer is done', () => {
    const steers = new PendingSteers()
    steers.add('a', steer('1', 'Shorter'))
    steers.add('a', steer('2', 'In French'))
    const reloaded = new PendingSteers()
    expect(reloaded.of('a').map(({ text }) => text)).toEqual(['Shorter', 'In French'])
    reloaded.drop('a', '1')
    expect(reloaded.of('a').map(({ id }) => id)).toEqual(['2'])
    reloaded.clear('a')
    expect(new PendingSteers().of('a')).toEqual([])
  })

  it('tells its listeners, and gives the same list while nothing changes', () => {
    const steers = new PendingSteers()
    let told = 0
    steers.subscribe(() => (told += 1))
    expect(steers.of('a')).toBe(steers.of('b'))
    steers.add('a', steer('1', 'Shorter'))
    steers.clear('b')
    expect(told).toBe(1)
  })
})

describe('unread', () => {
  it('is what the answer does not hold yet, the same words twice counted twice', () => {
    const parts = [read('Shorter')]
    const again = steer('2', 'Shorter', countSteers(parts, 'Shorter'))
    expect(unread([steer('1', 'Shorter'), again, steer('3', 'In French')], parts).map(({ id }) => id)).toEqual(['2', '3'])
    expect(unread([again], [...parts, read('Shorter')])).toEqual([])
  })
})
