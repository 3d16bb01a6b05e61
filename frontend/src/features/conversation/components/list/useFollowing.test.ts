/** When the list goes along with what grows at its end, by what the person does and what they could see then. */
import { act, renderHook } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import { recentHeights } from './recentHeights'
import { useFollowing } from './useFollowing'

const HEIGHT = 500

/** A list as a browser lays it out; jsdom lays nothing out. */
function openList(startsAtEnd: boolean, height: number) {
  const element = document.createElement('div')
  const shape = { height, top: startsAtEnd ? height - HEIGHT : 0 }
  Object.defineProperties(element, {
    clientHeight: { get: () => HEIGHT },
    scrollHeight: { get: () => shape.height },
    scrollTop: { get: () => shape.top },
  })
  const scroller = { current: element }
  const { result } = renderHook(() => useFollowing(scroller, startsAtEnd))
  act(() => result.current.noteHeight(height))
  // A browser has one clock for events and for what is running; here there are two.
  const tell = (event: Event) => {
    Object.defineProperty(event, 'timeStamp', { value: performance.now() })
    act(() => element.dispatchEvent(event))
  }
  return {
    isFollowing: () => result.current.isFollowing,
    grow: (by: number) => act(() => result.current.noteHeight((shape.height += by))),
    /** The browser moves the picture first, no further than the end is, and tells of it later. */
    wheel: (by: number) => {
      tell(new WheelEvent('wheel', { deltaY: by }))
      shape.top = Math.max(0, Math.min(shape.top + by, shape.height - HEIGHT))
    },
    press: (key: string) => tell(new KeyboardEvent('keydown', { key })),
    /** What the list itself corrects. */
    shift: (by: number) => (shape.top += by),
    tellScroll: () => tell(new Event('scroll')),
  }
}

describe('following the end', () => {
  it('begins where the person scrolls to the end', () => {
    const list = openList(false, 2_000)
    list.wheel(100_000)
    list.tellScroll()
    expect(list.isFollowing()).toBe(true)
  })

  it('begins at the end that the person scrolled to, though it has grown before that was told', () => {
    const list = openList(false, 2_000)
    list.wheel(100_000)
    list.grow(26)
    list.grow(260)
    list.tellScroll()
    expect(list.isFollowing()).toBe(true)
  })

  it('begins at the end that was in the picture, though the list had grown when the wheel was heard', () => {
    const list = openList(false, 2_000)
    list.grow(150)
    list.wheel(1_500)
    list.tellScroll()
    expect(list.isFollowing()).toBe(true)
  })

  it('begins at the end of a swing that several scrolls tell of', () => {
    const list = openList(false, 2_000)
    list.press('End')
    for (const by of [700, 600, 200]) {
      expect(list.isFollowing()).toBe(false)
      list.grow(80)
      list.shift(by)
      list.tellScroll()
    }
    expect(list.isFollowing()).toBe(true)
  })

  it('does not begin where the person comes close to the end only', () => {
    const list = openList(false, 2_000)
    list.wheel(1_400)
    list.grow(300)
    list.tellScroll()
    expect(list.isFollowing()).toBe(false)
  })

  it('ends with a gentle move up, and stays ended while the list grows', () => {
    const list = openList(true, 2_000)
    list.grow(60)
    list.shift(60)
    list.wheel(-6)
    expect(list.isFollowing()).toBe(false)
    list.tellScroll()
    list.grow(200)
    list.tellScroll()
    expect(list.isFollowing()).toBe(false)
  })

  it('does not begin again by what the list corrects, or by a move down that ends short of where the person left', () => {
    const list = openList(true, 2_000)
    list.grow(60)
    list.shift(60)
    list.wheel(-24)
    list.tellScroll()
    list.grow(100)
    list.shift(40)
    list.tellScroll()
    expect(list.isFollowing()).toBe(false)
    list.shift(-40)
    list.tellScroll()
    list.wheel(12)
    list.tellScroll()
    expect(list.isFollowing()).toBe(false)
    list.wheel(100_000)
    list.grow(100)
    list.tellScroll()
    expect(list.isFollowing()).toBe(true)
  })
})

describe('the heights of late', () => {
  it('know the least since a time, with the one that stood then', () => {
    const heights = recentHeights()
    for (const [now, height] of [[0, 100], [1_000, 150], [2_000, 300], [2_500, 280]] as const) heights.note(height, now)
    expect([-1, 999, 1_000, 2_200, 9_000].map((time) => heights.leastSince(time))).toEqual([100, 100, 150, 280, 280])
  })

  it('forget what is over for long', () => {
    const heights = recentHeights()
    for (const [now, height] of [[0, 100], [1_000, 150], [6_500, 300]] as const) heights.note(height, now)
    expect(heights.leastSince(0)).toBe(150)
  })
})
