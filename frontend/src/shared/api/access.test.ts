import { beforeEach, describe, expect, it, vi } from 'vitest'

import { Access } from './access'

const user = { id: 'u', email: 'a@b.org', name: 'A', locale: null, time_zone: null, is_operator: false, created_at: '2026-11-01T00:00:00Z' }
const signedIn = (token: string, seconds = 900) => ({ access_token: token, token_type: 'bearer' as const, expires_in: seconds, user })

let calls: string[]
let answers: (() => Response)[]

beforeEach(() => {
  calls = []
  answers = []
  vi.stubGlobal('fetch', (path: string) => {
    calls.push(path)
    const answer = answers.shift()
    return answer ? Promise.resolve(answer()) : Promise.reject(new TypeError('offline'))
  })
})

describe('Access', () => {
  it('gets a token from the refresh cookie at the first wish', async () => {
    answers = [() => Response.json(signedIn('one'))]
    const access = new Access()

    expect(await access.getToken()).toBe('one')
    expect(await access.getToken()).toBe('one')
    expect(calls).toEqual(['/api/v1/auth/refresh'])
    expect(access.getState()).toBe('in')
  })

  it('renews once for all who wait', async () => {
    answers = [() => Response.json(signedIn('one'))]
    const access = new Access()

    const tokens = await Promise.all([access.getToken(), access.getToken(), access.getToken()])

    expect(tokens).toEqual(['one', 'one', 'one'])
    expect(calls).toHaveLength(1)
  })

  it('renews a token that is about to end', async () => {
    answers = [() => Response.json(signedIn('one', 5)), () => Response.json(signedIn('two'))]
    const access = new Access()

    await access.getToken()

    expect(await access.getToken()).toBe('two')
  })

  it('does not renew again for a token that was already replaced', async () => {
    const access = new Access()
    access.accept(signedIn('new'))

    expect(await access.renew('old')).toBe(true)
    expect(calls).toHaveLength(0)
  })

  it('is out when the cookie is refused, and stays out without asking again', async () => {
    answers = [() => Response.json({ error: { code: 'identity.not_signed_in', message: '', details: {} } }, { status: 401 })]
    const access = new Access()
    const heard = vi.fn()
    access.subscribe(heard)

    expect(await access.getToken()).toBeNull()
    expect(await access.getToken()).toBeNull()
    expect(access.getState()).toBe('out')
    expect(heard).toHaveBeenCalledOnce()
    expect(calls).toHaveLength(1)
  })

  it('stays as it was when the server cannot be reached', async () => {
    const access = new Access()

    await expect(access.getToken()).rejects.toMatchObject({ code: 'network' })
    expect(access.getState()).toBe('unknown')
  })

  it('begins anew when the cookie has become somebody else\'s', async () => {
    answers = [
      () => Response.json(signedIn('one', 5)),
      () => Response.json({ ...signedIn('two'), user: { ...user, id: 'other' } }),
    ]
    const startAnew = vi.fn()
    const access = new Access(startAnew)
    await access.getToken()
    expect(startAnew).not.toHaveBeenCalled()

    await access.getToken()

    expect(startAnew).toHaveBeenCalledExactlyOnceWith('here')
  })

  it('forgets the token even when signing out does not reach the server', async () => {
    const access = new Access()
    access.accept(signedIn('one'))

    await expect(access.signOut()).rejects.toMatchObject({ code: 'network' })
    expect(access.getState()).toBe('out')
    expect(await access.getToken()).toBeNull()
  })

  describe('what this browser keeps of a person', () => {
    const PRIVATE = ['coda.draft.new', 'coda.draft.s', 'coda.seen', 'coda.inspector', 'coda.something.new']
    const OF_THE_DEVICE = ['coda.theme', 'coda.locale', 'coda.region.left', 'coda.sessions.open', 'of.another.app']
    const someoneElse = { ...signedIn('two'), user: { ...user, id: 'other' } }
    const kept = () => [...PRIVATE, ...OF_THE_DEVICE].filter((key) => localStorage.getItem(key) !== null)

    beforeEach(() => {
      localStorage.clear()
      sessionStorage.clear()
    })

    function write(): void {
      for (const key of [...PRIVATE, ...OF_THE_DEVICE]) localStorage.setItem(key, 'x')
      sessionStorage.setItem('coda.outbox', '[]')
    }

    it('goes when they sign out, and the page with it', async () => {
      const startAnew = vi.fn()
      const access = new Access(startAnew)
      access.accept(signedIn('one'))
      write()
      answers = [() => new Response(null, { status: 204 })]

      await access.signOut()

      expect(kept()).toEqual(OF_THE_DEVICE)
      expect(sessionStorage.getItem('coda.outbox')).toBeNull()
      expect(startAnew).toHaveBeenCalledExactlyOnceWith('at the start')
    })

    it('goes in all tabs', async () => {
      const elsewhere = vi.fn()
      const other = new Access(elsewhere)
      other.accept(signedIn('one'))
      const access = new Access(() => undefined)
      access.accept(signedIn('one'))
      answers = [() => new Response(null, { status: 204 })]

      await access.signOut()

      await vi.waitFor(() => expect(elsewhere).toHaveBeenCalledExactlyOnceWith('at the start'))
      expect(other.getState()).toBe('out')
    })

    it('goes when the server cannot be told either', async () => {
      const access = new Access()
      access.accept(signedIn('one'))
      write()

      await expect(access.signOut()).rejects.toMatchObject({ code: 'network' })

      expect(kept()).toEqual(OF_THE_DEVICE)
    })

    it('stays over the end of a login, for the same person', () => {
      const startAnew = vi.fn()
      const access = new Access(startAnew)
      access.accept(signedIn('one'))
      write()

      access.forget()

      expect(access.accept(signedIn('two'))).toBe(false)
      expect(kept()).toEqual([...PRIVATE, ...OF_THE_DEVICE])
      expect(startAnew).not.toHaveBeenCalled()
    })

    it('goes before somebody else is let in, in this page and in one that was loaded since', () => {
      for (const page of [(access: Access) => access, () => new Access(startAnew)]) {
        localStorage.clear()
        sessionStorage.clear()
        const access = new Access(startAnew)
        access.accept(signedIn('one'))
        write()
        access.forget()
        startAnew.mockClear()

        expect(page(access).accept(someoneElse)).toBe(true)

        expect(kept()).toEqual(OF_THE_DEVICE)
        expect(sessionStorage.getItem('coda.outbox')).toBeNull()
        expect(startAnew).toHaveBeenCalledExactlyOnceWith('at the start')
      }
    })

    const startAnew = vi.fn()
  })
})
