import { afterEach, describe, expect, it, vi } from 'vitest'

import { access } from './access'
import { api, unwrap } from './client'
import { ApiError } from './errors'

const user = { id: 'u', email: 'a@b.org', name: 'A', locale: null, time_zone: null, is_operator: false, created_at: '2026-11-01T00:00:00Z' }
const signedIn = (token: string) => ({ access_token: token, token_type: 'bearer' as const, expires_in: 900, user })

interface Sent {
  path: string
  token: string | null
  body: string
}

function serve(answer: (sent: Sent) => Response): Sent[] {
  const log: Sent[] = []
  vi.stubGlobal('fetch', async (input: Request | string, init?: RequestInit) => {
    const request = input instanceof Request ? input : new Request(new URL(input, location.origin), init)
    const sent = { path: new URL(request.url).pathname, token: request.headers.get('Authorization'), body: await request.text() }
    log.push(sent)
    return answer(sent)
  })
  return log
}

const refused = () => Response.json({ error: { code: 'identity.token_expired', message: 'Sign in.', details: {} } }, { status: 401 })

afterEach(() => access.forget())

describe('the client', () => {
  it('sends the token', async () => {
    access.accept(signedIn('one'))
    const log = serve(() => Response.json({ items: [], next_cursor: null }))

    await unwrap(api.GET('/api/v1/sessions'))

    expect(log[0]?.token).toBe('Bearer one')
  })

  it('renews after a 401 and sends the same request once more', async () => {
    access.accept(signedIn('old'))
    const log = serve(({ path, token }) => {
      if (path.endsWith('/auth/refresh')) return Response.json(signedIn('new'))
      return token === 'Bearer new' ? Response.json({ id: 's' }, { status: 201 }) : refused()
    })

    await unwrap(api.POST('/api/v1/sessions', { body: { title: 'Once' } }))

    expect(log.map(({ path, token }) => [path, token])).toEqual([
      ['/api/v1/sessions', 'Bearer old'],
      ['/api/v1/auth/refresh', null],
      ['/api/v1/sessions', 'Bearer new'],
    ])
    expect(log[2]?.body).toBe('{"title":"Once"}')
  })

  it('tries again only once', async () => {
    access.accept(signedIn('old'))
    const log = serve(({ path }) => (path.endsWith('/auth/refresh') ? Response.json(signedIn('new')) : refused()))

    await expect(unwrap(api.GET('/api/v1/me'))).rejects.toMatchObject({ status: 401 })
    expect(log).toHaveLength(3)
  })

  it('throws what the server said', async () => {
    access.accept(signedIn('one'))
    serve(() => Response.json({ error: { code: 'conversations.session_not_found', message: 'Gone.', details: { session_id: 'x' } } }, { status: 404 }))

    const error = await unwrap(api.GET('/api/v1/me')).catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 404, code: 'conversations.session_not_found', message: 'Gone.', details: { session_id: 'x' } })
  })

  it('gives a code to an answer that is not ours', async () => {
    access.accept(signedIn('one'))
    serve(() => new Response('<h1>Bad gateway</h1>', { status: 502 }))

    await expect(unwrap(api.GET('/api/v1/me'))).rejects.toMatchObject({ code: 'http.502' })
  })

  it('tells a lost connection from a refusal', async () => {
    access.accept(signedIn('one'))
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))

    await expect(unwrap(api.GET('/api/v1/me'))).rejects.toMatchObject({ isNetwork: true })
  })
})
