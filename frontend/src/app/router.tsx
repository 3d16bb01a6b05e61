/** The map of the app. Chat is in the first load; everything else comes when it is gone to. */
import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  type RouterHistory,
} from '@tanstack/react-router'

import { access, meQuery } from '@/shared/api'

import { AppLayout } from './layouts/AppLayout'
import { ErrorPage } from './pages/ErrorPage'
import { NotFoundPage } from './pages/NotFoundPage'
import { PendingPage } from './pages/PendingPage'
import { SETTINGS_PAGES } from './settings/pages'

interface RouterContext {
  queryClient: QueryClient
}

const root = createRootRouteWithContext<RouterContext>()({ component: Outlet, notFoundComponent: NotFoundPage })

/** Only an address of this app may be gone to after signing in. */
export function safeNext(next: unknown): string | undefined {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in') ? next : undefined
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { next?: string } => ({ next: safeNext(search['next']) }),
  component: lazyRouteComponent(() => import('./routes/SignInRoute'), 'SignInRoute'),
})

const linkRoute = <Path extends string>(path: Path) =>
  createRoute({
    getParentRoute: () => root,
    path,
    validateSearch: (search: Record<string, unknown>): { token?: string } => ({
      token: typeof search['token'] === 'string' ? search['token'] : undefined,
    }),
    component: lazyRouteComponent(() => import('./routes/LinkRoute'), 'LinkRoute'),
  })

const setup = linkRoute('/setup')
const invite = linkRoute('/invite')
const reset = linkRoute('/reset')

const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: async ({ location }) => {
    const token = await access.getToken()
    if (token === null) throw redirect({ to: '/sign-in', search: { next: safeNext(location.href) } })
  },
  loader: ({ context }) => context.queryClient.ensureQueryData(meQuery),
  component: AppLayout,
  errorComponent: ErrorPage,
  pendingComponent: PendingPage,
})

const chat = createRoute({
  getParentRoute: () => app,
  id: 'chat',
  component: lazyRouteComponent(() => import('./routes/ChatPage'), 'ChatPage'),
})

/** A message of the chat to go to. */
const messageIn = ({ message }: Record<string, unknown>): { message?: string } => (typeof message === 'string' ? { message } : {})

const newChat = createRoute({ getParentRoute: () => chat, path: '/', component: () => null })
const oneChat = createRoute({ getParentRoute: () => chat, path: '/chat/$sessionId', validateSearch: messageIn, component: () => null })

const settings = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings/SettingsLayout'), 'SettingsLayout'),
})

const settingsIndex = createRoute({ getParentRoute: () => settings, path: '/', component: () => null })

const settingsPages = SETTINGS_PAGES.map(({ path, load }) =>
  createRoute({ getParentRoute: () => settings, path, component: lazyRouteComponent(load, 'SettingsPage') }),
)

const routeTree = root.addChildren([
  signIn,
  setup,
  invite,
  reset,
  app.addChildren([
    chat.addChildren([newChat, oneChat]),
    settings.addChildren([settingsIndex, ...settingsPages]),
  ]),
])

export function createAppRouter(queryClient: QueryClient, history?: RouterHistory) {
  return createRouter({
    routeTree,
    history,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPendingMs: 150,
    defaultErrorComponent: ErrorPage,
    defaultNotFoundComponent: NotFoundPage,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
