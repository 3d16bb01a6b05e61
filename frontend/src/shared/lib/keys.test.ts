import { describe, expect, it } from 'vitest'

import { isComposing, isEnter, isEscape } from './keys'

const press = (key: string, rest: object = {}) => ({ key, keyCode: 13, ...rest })

describe('a key press', () => {
  it.each([
    ['a plain Enter', press('Enter'), true],
    ['Enter within a composition', press('Enter', { isComposing: true }), false],
    ['the Enter that ends one in Safari', press('Enter', { keyCode: 229 }), false],
    ['the same as React tells it', { key: 'Enter', nativeEvent: { isComposing: false, keyCode: 229 } }, false],
    ['a plain Enter as React tells it', { key: 'Enter', nativeEvent: { isComposing: false, keyCode: 13 } }, true],
    ['another key', press('a'), false],
  ])('%s', (_, event, isOwn) => {
    expect(isEnter(event)).toBe(isOwn)
  })

  it('of Escape closes the list of the input method first', () => {
    expect(isEscape({ key: 'Escape', keyCode: 27 })).toBe(true)
    expect(isEscape({ key: 'Escape', keyCode: 229 })).toBe(false)
    expect(isComposing({ key: 'ArrowDown', isComposing: true })).toBe(true)
  })
})
