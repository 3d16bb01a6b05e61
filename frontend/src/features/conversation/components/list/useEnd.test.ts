/** The end of the list while something takes room from it, or it grows out of sight. */
import { act, renderHook } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { useEnd } from './useEnd'

const resizes = new Set<() => void>()

afterEach(() => {
  resizes.clear()
  vi.unstubAllGlobals()
})

/** A list as a browser lays it out; jsdom lays nothing out and never resizes. */
function openList(isFollowing: boolean) {
  vi.stubGlobal('ResizeObserver', class {
    private readonly tell: () => void
    constructor(tell: () => void) {
      this.tell = tell
    }
    observe() {
      resizes.add(this.tell)
    }
    disconnect() {
      resizes.delete(this.tell)
    }
  })
  const element = document.createElement('div')
  const shape = { height: 2_000, top: 1_500, room: 500 }
  Object.defineProperties(element, {
    clientHeight: { get: () => shape.room },
    scrollHeight: { get: () => shape.height },
    scrollTop: { get: () => shape.top },
  })
  const toEnd = () => {
    shape.top = shape.height - shape.room
  }
  const scroller = { current: element }
  const hook = renderHook((height: number) => useEnd({ scroller, isFollowing, toEnd, height }), { initialProps: shape.height })
  return {
    shape,
    isAway: () => hook.result.current.isAway,
    takeRoom: (by: number) => {
      shape.room -= by
      act(() => resizes.forEach((tell) => tell()))
    },
    scrollTo: (top: number) => {
      shape.top = top
      act(() => hook.result.current.look())
    },
    grow: (by: number) => {
      shape.height += by
      hook.rerender(shape.height)
    },
  }
}

describe('the end of the list', () => {
  it('is kept by one who follows it when a question in line takes room', () => {
    const list = openList(true)
    list.takeRoom(100)
    expect(list.shape.top).toBe(1_600)
    expect(list.isAway()).toBe(false)
  })

  it('is left alone by one who reads further up', () => {
    const list = openList(false)
    list.takeRoom(100)
    expect(list.shape.top).toBe(1_500)
    expect(list.isAway()).toBe(false)
  })

  it('is away where something else than a hand has scrolled, and is not gone to when room is taken', () => {
    const list = openList(true)
    list.scrollTo(20)
    expect(list.isAway()).toBe(true)
    list.takeRoom(100)
    expect(list.shape.top).toBe(20)
  })

  it('is away once enough has come below, though nobody scrolled', () => {
    const list = openList(false)
    list.grow(150)
    expect(list.isAway()).toBe(false)
    list.grow(150)
    expect(list.isAway()).toBe(true)
  })
})
