import '@/shared/ui/styles/index.css'

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { App } from '@/app/App'
import { createQueryClient } from '@/app/queryClient'
import { createAppRouter } from '@/app/router'
import { access } from '@/shared/api'
import { startLocale } from '@/shared/i18n'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

const queryClient = createQueryClient()
const router = createAppRouter(queryClient)

// After an upgrade of the server a chunk of the old build may be gone: the new page has the new names. Not more than once a minute.
window.addEventListener('vite:preloadError', () => {
  const last = Number(sessionStorage.getItem('coda.reloaded') ?? 0)
  if (Date.now() - last < 60_000) return
  sessionStorage.setItem('coda.reloaded', String(Date.now()))
  location.reload()
})

// A page that the browser had put aside knows what was on it when somebody signed out.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload()
})

// While the texts arrive, the login is checked and the page that is most often gone to comes along.
access.getToken().catch(() => undefined)
if (/^\/($|chat\/)/.test(location.pathname)) void import('@/app/routes/ChatPage')

await startLocale()
createRoot(root).render(
  <StrictMode>
    <App queryClient={queryClient} router={router} />
  </StrictMode>,
)
