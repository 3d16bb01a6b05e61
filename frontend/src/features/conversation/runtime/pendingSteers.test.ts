import { describe, expect, it } from 'vitest'

import { PendingSteers } from './pendingSteers'

describe('PendingSteers', () => {
  it('tells its listeners, and gives the same list while nothing changes', () => {
    const steers = new PendingSteers()
    let told = 0
    steers.subscribe(() => (told += 1))
    steers.add('a', { id: '1', text: 'Shorter' })
    expect(steers.of('a')).toBe(steers.of('a'))
    steers.remove('a', '1')
    expect(steers.of('a')).toBe(steers.of('b'))
    expect(told).toBe(2)
  })
})
