import { describe, expect, it } from 'vitest'

import type { ChatSession, ListedChatSession } from '@/shared/api'

import { formatMonth, groupSessions } from './groupSessions'
import { sessionMark } from './mark'
import { flattenSessions, patchSession, removeSession, type SessionPages } from './pages'
import { seenAt, SeenSessions } from './seen'
import { tellApart } from './tellApart'

const NOW = new Date(2026, 10, 21, 9, 0)

const session = (id: string, updated: Date, change: Partial<ListedChatSession> = {}): ListedChatSession => ({
  id,
  hit: null,
  title: id,
  pinned: false,
  active_leaf_id: null,
  created_at: updated.toISOString(),
  updated_at: updated.toISOString(),
  run_status: null,
  origin: 'app',
  ...change,
})

describe('groupSessions', () => {
  it('sorts into pinned, today, yesterday and months by the local calendar', () => {
    const groups = groupSessions(
      [
        session('late', new Date(2026, 10, 21, 0, 0)),
        session('evening', new Date(2026, 10, 20, 23, 59)),
        session('start', new Date(2026, 10, 20, 0, 0)),
        session('older', new Date(2026, 10, 19, 23, 59)),
        session('october', new Date(2026, 9, 3)),
        session('last year', new Date(2025, 10, 3)),
        session('kept', new Date(2024, 0, 1), { pinned: true }),
      ],
      NOW,
    )

    expect(groups.map(({ key, sessions }) => [key, sessions.map(({ id }) => id)])).toEqual([
      ['pinned', ['kept']],
      ['today', ['late']],
      ['yesterday', ['evening', 'start']],
      ['2026-11', ['older']],
      ['2026-10', ['october']],
      ['2025-11', ['last year']],
    ])
  })

  it('names a month with its year only where it is another', () => {
    expect(formatMonth('2026-10', 'en', NOW)).toBe('October')
    expect(formatMonth('2025-10', 'en', NOW)).toBe('October 2025')
    expect(formatMonth('2026-10', 'pt-BR', NOW)).toBe('Outubro')
  })
})

describe('tellApart', () => {
  const apart = (...sessions: ChatSession[]) => Object.fromEntries(tellApart(sessions, 'en', NOW))
  const named = (id: string, at: Date, title: string | null = 'Hello') => session(id, at, { title })

  it('has nothing to say of names that are used once', () => {
    expect(apart(named('a', NOW, 'Hello'), named('b', NOW, 'Hello there'))).toEqual({})
  })

  it('tells the time of today, the day of this year, the date of another', () => {
    const words = apart(named('a', new Date(2026, 10, 21, 8, 30)), named('b', new Date(2026, 10, 20), ' hello '), named('c', new Date(2025, 10, 20)))
    expect(words).toEqual({ a: expect.stringMatching(/^8:30/) as string, b: 'Nov 20', c: 'Nov 20, 2025' })
  })

  it('counts those that were begun at the same time, the oldest first', () => {
    const at = new Date(2026, 10, 20, 8, 30)
    expect(apart(named('c', new Date(2026, 10, 20, 9, 0), null), named('b', at, null), named('a', at, null))).toEqual({
      a: 'Nov 20',
      b: 'Nov 20 · 2',
      c: 'Nov 20 · 3',
    })
  })
})

describe('sessionMark', () => {
  const at = (status: ChatSession['run_status'], isOpen = false, seen = '2026-11-20T00:00:00Z', origin: ChatSession['origin'] = 'app') =>
    sessionMark({ session: { run_status: status, origin, updated_at: '2026-11-21T00:00:00Z' }, seenAt: seen, isOpen })

  it('shows what is live, also in the open chat', () => {
    expect(at('queued')).toBe('live')
    expect(at('running', true)).toBe('live')
    expect(at('waiting', true)).toBe('waiting')
  })

  it('tells a pause from work', () => {
    const paused = (status: ChatSession['run_status']) =>
      sessionMark({ session: { run_status: status, origin: 'app', updated_at: '2026-11-21T00:00:00Z' }, seenAt: '', isOpen: true, isPaused: true })
    expect(paused('running')).toBe('paused')
    expect(paused('waiting')).toBe('waiting')
    expect(paused('done')).toBeNull()
  })

  it('shows an end until it was seen', () => {
    expect(at('done')).toBe('unread')
    expect(at('failed')).toBe('failed')
    expect(at('failed', true)).toBeNull()
    expect(at('done', false, '2026-11-21T00:00:00.000Z')).toBeNull()
    expect(at(null)).toBeNull()
  })
})

describe('sessionMark of a chat that a program began', () => {
  const at = (status: ChatSession['run_status']) =>
    sessionMark({ session: { run_status: status, origin: 'api', updated_at: '2026-11-21T00:00:00Z' }, seenAt: '2026-11-20T00:00:00Z', isOpen: false })

  it('is never unread: the program has read it', () => {
    expect(at('done')).toBeNull()
    expect(at('running')).toBe('live')
    expect(at('failed')).toBe('failed')
  })
})

describe('pages', () => {
  const pages: SessionPages = {
    pageParams: [null, 'next'],
    pages: [
      { items: [session('a', NOW), session('b', NOW)], next_cursor: 'next' },
      { items: [session('b', NOW), session('c', NOW)], next_cursor: null },
    ],
  }

  it('lists a session that moved between two pages once', () => {
    expect(flattenSessions(pages).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(flattenSessions(undefined)).toEqual([])
  })

  it('changes and removes everywhere', () => {
    expect(flattenSessions(patchSession(pages, 'c', { title: 'new' }))[2]?.title).toBe('new')
    expect(flattenSessions(removeSession(pages, 'b')).map(({ id }) => id)).toEqual(['a', 'c'])
    expect(patchSession(undefined, 'a', {})).toBeUndefined()
  })
})

describe('SeenSessions', () => {
  const memory = (text: string | null = null) => {
    const kept = { text }
    return { kept, getItem: () => kept.text, setItem: (_key: string, value: string) => void (kept.text = value) }
  }

  it('counts everything before the first visit as seen', () => {
    const seen = new SeenSessions(memory(), NOW)

    expect(seenAt(seen.get(), 'any')).toBe(NOW.toISOString())
  })

  it('remembers the newest only, over a reload', () => {
    const storage = memory()
    const seen = new SeenSessions(storage, NOW)
    seen.mark('a', '2026-11-21T10:00:00Z')
    seen.mark('a', '2026-11-21T09:00:00Z')

    expect(seenAt(new SeenSessions(storage).get(), 'a')).toBe('2026-11-21T10:00:00Z')
  })

  it('does not grow for ever', () => {
    const seen = new SeenSessions(memory(), NOW)
    for (let index = 0; index < 600; index += 1) seen.mark(`s${index}`, '2026-11-21T10:00:00Z')

    expect(Object.keys(seen.get().at)).toHaveLength(500)
    expect(seen.get().at['s599']).toBeDefined()
  })

  it('starts anew on nonsense, and works without storage', () => {
    expect(seenAt(new SeenSessions(memory('{'), NOW).get(), 'a')).toBe(NOW.toISOString())
    const bare = new SeenSessions(null, NOW)
    bare.mark('a', '2026-11-22T10:00:00Z')
    expect(seenAt(bare.get(), 'a')).toBe('2026-11-22T10:00:00Z')
  })

  it('takes over what another tab wrote', () => {
    const storage = memory()
    const one = new SeenSessions(storage, NOW)
    const other = new SeenSessions(storage, NOW)
    other.mark('a', '2026-11-22T10:00:00Z')
    one.reload()

    expect(seenAt(one.get(), 'a')).toBe('2026-11-22T10:00:00Z')
  })
})
