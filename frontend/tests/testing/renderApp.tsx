/** Renders the whole app at an address, against the server in memory. */
import { createMemoryHistory } from '@tanstack/react-router'
import { render } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { vi } from 'vitest'

import { App } from '@/app/App'
import { createQueryClient } from '@/app/queryClient'
import { createAppRouter } from '@/app/router'
import { access } from '@/shared/api'

import { createState, type FixtureState, handle } from './fixtureApi'

/** A socket that never answers: these tests are about the screens around the conversation. */
class SilentSocket extends EventTarget {
  static readonly OPEN = 1
  readyState = 0
  send() {}
  close() {}
}

export function serveFixture(change: Partial<FixtureState> = {}): FixtureState {
  const state = createState(change)
  vi.stubGlobal('fetch', (input: Request | string, init?: RequestInit) =>
    handle(state, input instanceof Request ? input : new Request(new URL(input, location.origin), init)),
  )
  vi.stubGlobal('WebSocket', SilentSocket)
  return state
}

export async function renderApp(path: string, change: Partial<FixtureState> = {}) {
  const state = serveFixture(change)
  if (state.hasLogin) access.accept({ access_token: 'token', token_type: 'bearer', expires_in: 900, user: state.me.user })
  else access.forget()
  return { state, ...(await mountApp(path)) }
}

/** Renders the app as the browser's login stands, against whatever answers the requests. */
export async function mountApp(path: string) {
  const queryClient = createQueryClient()
  const router = createAppRouter(queryClient, createMemoryHistory({ initialEntries: [path] }))
  await router.load()
  render(<App queryClient={queryClient} router={router} />)
  return { queryClient, router, user: userEvent.setup() }
}
