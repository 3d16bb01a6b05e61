/** The frame of the app: sessions at the left, what the route shows in the middle; the conversation brings the right region. */
import { useLingui } from '@lingui/react/macro'
import { Outlet, useLocation, useNavigate, useParams } from '@tanstack/react-router'
import { useEffect, useState } from 'react'

import { SessionPalette, SessionSidebar, useMarkSeen } from '@/features/sessions'
import { useWindowEvent } from '@/shared/hooks'
import { StreamProvider } from '@/shared/stream'
import { SideRegion } from '@/shared/ui'

import { runStream } from '../stream'
import { PersonMenu } from './PersonMenu'
import { SessionRegionProvider, useSessionRegion } from './regions'
import { usePaletteCommands } from './usePaletteCommands'
import { useTimeZone } from './useTimeZone'

export function AppLayout() {
  return (
    <StreamProvider stream={runStream}>
      <SessionRegionProvider>
        <Regions />
      </SessionRegionProvider>
    </StreamProvider>
  )
}

function Regions() {
  const { t } = useLingui()
  const navigate = useNavigate()
  const { sessionId } = useParams({ strict: false })
  const region = useSessionRegion()
  const [isSearching, setSearching] = useState(false)
  const commands = usePaletteCommands()
  useTimeZone()
  useMarkSeen(sessionId)
  useCloseDrawerOnMove()
  useShortcuts({ onSearch: () => setSearching(true), onFold: region.toggle, onNew: () => void navigate({ to: '/' }) })

  return (
    <div className="sheet flex h-dvh overflow-hidden">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-control focus:bg-raised focus:px-3 focus:py-2"
      >
        {t`Skip to the conversation`}
      </a>
      <SideRegion side="left" label={t`Chats`} resizeLabel={t`Width of the chat list`} open={region.isOpen} onOpenChange={region.setOpen}>
        <SessionSidebar
          openId={sessionId}
          onDeleted={(id) => id === sessionId && void navigate({ to: '/' })}
          onSearch={() => setSearching(true)}
          onFold={() => region.setOpen(false)}
          footer={<PersonMenu />}
        />
      </SideRegion>
      <div className="sheet flex min-w-0 flex-1">
        <Outlet />
      </div>
      <SessionPalette
        open={isSearching}
        onOpenChange={setSearching}
        commands={commands}
        onOpenSession={(id, message) => void navigate({ to: '/chat/$sessionId', params: { sessionId: id }, search: { message } })}
      />
    </div>
  )
}

/** The drawer has done its work once a place was chosen in it. */
function useCloseDrawerOnMove(): void {
  const { pathname } = useLocation()
  const { closeDrawer } = useSessionRegion()
  useEffect(closeDrawer, [pathname, closeDrawer])
}

interface Shortcuts {
  onSearch: () => void
  onFold: () => void
  onNew: () => void
}

function useShortcuts({ onSearch, onFold, onNew }: Shortcuts): void {
  useWindowEvent('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return
    const key = event.key.toLowerCase()
    const action = event.shiftKey ? { o: onNew }[key] : { k: onSearch, b: onFold }[key]
    if (!action) return
    event.preventDefault()
    action()
  })
}
