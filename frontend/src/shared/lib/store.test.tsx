import { act, render, screen } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'

import { Emitter, Store, withEntry } from './store'
import { useStore } from './useStore'

describe('Store', () => {
  it('tells a change to all who listen, and to nobody that the value is the same', () => {
    const store = new Store(1)
    const [one, other] = [vi.fn(), vi.fn()]
    store.subscribe(one)
    store.subscribe(other)
    store.set(2)
    store.set(2)
    expect(store.get()).toBe(2)
    expect(one).toHaveBeenCalledTimes(1)
    expect(other).toHaveBeenCalledTimes(1)
  })

  it('tells nothing to who has gone', () => {
    const store = new Store('a')
    const heard = vi.fn()
    const stop = store.subscribe(heard)
    stop()
    store.set('b')
    expect(heard).not.toHaveBeenCalled()
  })

  it('has the new value by the time a listener is told', () => {
    const store = new Store(1)
    const seen: number[] = []
    store.subscribe(() => seen.push(store.get()))
    store.set(7)
    expect(seen).toEqual([7])
  })
})

describe('Emitter', () => {
  it('gives an event to each listener that was there when it happened', () => {
    const emitter = new Emitter<string>()
    const late = vi.fn()
    const heard: string[] = []
    const stop = emitter.on((event) => {
      heard.push(event)
      emitter.on(late)
      stop()
    })
    emitter.emit('first')
    expect(late).not.toHaveBeenCalled()
    emitter.emit('second')
    expect(heard).toEqual(['first'])
    expect(late).toHaveBeenCalledExactlyOnceWith('second')
  })
})

describe('withEntry', () => {
  it('replaces, adds and removes without touching the map it was given', () => {
    const map = new Map([['a', 1], ['b', 2]])
    expect([...withEntry(map, 'a', 3)]).toEqual([['a', 3], ['b', 2]])
    expect([...withEntry(map, 'c', 4)]).toEqual([['a', 1], ['b', 2], ['c', 4]])
    expect([...withEntry(map, 'a', undefined)]).toEqual([['b', 2]])
    expect([...map]).toEqual([['a', 1], ['b', 2]])
  })
})

describe('useStore', () => {
  it('shows what is selected, and renders again only when that changes', () => {
    const store = new Store<{ shown: string; other: number }>({ shown: 'one', other: 0 })
    const renders = vi.fn()
    function Shown() {
      renders()
      return <p>{useStore(store, ({ shown }) => shown)}</p>
    }
    render(<Shown />)
    act(() => store.set({ shown: 'one', other: 1 }))
    expect(renders).toHaveBeenCalledTimes(1)
    act(() => store.set({ shown: 'two', other: 1 }))
    expect(screen.getByText('two')).toBeInTheDocument()
    expect(renders).toHaveBeenCalledTimes(2)
  })
})
