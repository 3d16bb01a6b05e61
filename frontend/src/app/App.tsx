/** The app: its providers around its router. */
import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useEffect } from 'react'

import { access } from '@/shared/api'
import { Toaster } from '@/shared/ui'

import { forgetPerson } from './queryClient'
import type { createAppRouter } from './router'

interface AppProps {
  queryClient: QueryClient
  router: ReturnType<typeof createAppRouter>
}

export function App({ queryClient, router }: AppProps) {
  useEffect(
    () =>
      access.subscribe(() => {
        if (access.getState() !== 'out') return
        // Signed out here, in another tab or by the server: nothing of the person stays behind.
        // First away from the screens that would read it again.
        void router.invalidate().finally(() => forgetPerson(queryClient))
      }),
    [queryClient, router],
  )
  return (
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <Toaster />
      </QueryClientProvider>
    </I18nProvider>
  )
}
