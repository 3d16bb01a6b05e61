/** The very first load: whether anybody is signed in becomes known while the page is on its way. */
import { act, screen, waitFor } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'

const LINK = '/api/v1/auth/links/setup'
const REFRESH = '/api/v1/auth/refresh'

/** Modules of its own for each test, as each load of the page has: the login is not known yet. */
async function freshPage(path: string) {
  vi.resetModules()
  const { access } = await import('@/shared/api')
  const { mountApp, serveFixture } = await import('./testing/renderApp')
  serveFixture({ hasLogin: false })
  const gates = holdAnswers()
  const renewal = access.getToken()
  const app = await mountApp(path)
  return { access, renewal, ...gates, ...app }
}

/** Every answer is kept back until the test lets it go. */
function holdAnswers() {
  const answer = globalThis.fetch
  const held = new Map<string, () => void>()
  vi.stubGlobal('fetch', async (input: Request | string, init?: RequestInit) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input, location.origin)
    await new Promise<void>((resolve) => held.set(pathname, resolve))
    return answer(input, init)
  })
  const letGo = async (pathname: string) => {
    await waitFor(() => expect(held.has(pathname)).toBe(true))
    await act(() => Promise.resolve(held.get(pathname)?.()))
  }
  return { letGo }
}

describe('a one-time link', () => {
  it.each([
    ['before', [REFRESH, LINK]],
    ['after', [LINK, REFRESH]],
  ])('is shown when it is known %s it that nobody is signed in', async (_, order) => {
    const { access, renewal, router, letGo } = await freshPage('/setup?token=setup')
    expect(access.getState()).toBe('unknown')
    for (const path of order) {
      await letGo(path)
      if (path === REFRESH) await act(() => renewal.then(() => router.invalidate()))
    }

    expect(await screen.findByLabelText('E-mail')).toBeVisible()
    expect(access.getState()).toBe('out')
  })
})
