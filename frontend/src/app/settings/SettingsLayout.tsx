/** The frame of the settings: the names of the pages beside one of them. On a phone the names are a page of their own. */
import { Trans, useLingui } from '@lingui/react/macro'
import { Link, Navigate, Outlet, useLocation } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'

import { useMe } from '@/shared/api'
import { useIsPhone } from '@/shared/hooks'
import { cx } from '@/shared/ui'

import { HeaderStart } from '../layouts/HeaderStart'
import { ClosedPage } from './ClosedPage'
import { closedBy, SETTINGS_PAGES } from './pages'
import { SettingsNav } from './SettingsNav'

export function SettingsLayout() {
  const { t, i18n } = useLingui()
  const me = useMe()
  const isPhone = useIsPhone()
  const place = useLocation({ select: ({ pathname }) => pathname.replace(/\/$/, '') })
  const page = SETTINGS_PAGES.find(({ path }) => place === `/settings/${path}`)
  const isIndex = place === '/settings'
  const closed = page ? closedBy(page, me) : null
  const title = page ? i18n._(page.title) : t`Settings`

  if (isIndex && !isPhone) return <Navigate to="/settings/profile" replace />
  return (
    <main id="main" tabIndex={-1} className="relative flex min-w-0 flex-1 flex-col bg-canvas">
      <title>{[title, 'Coda'].join(' · ')}</title>
      <header className="flex h-12 flex-none items-center gap-1 px-3 max-md:px-1.5">
        <HeaderStart />
        {!isIndex && <WayBack />}
        <h1 className="min-w-0 truncate px-1 text-ui font-medium md:sr-only">{title}</h1>
      </header>
      <div className="@container min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto flex max-w-[960px] flex-col gap-9 px-5 pt-4 pb-14 max-md:px-4 max-md:pt-2 @2xl:flex-row">
          <SettingsNav className={cx('@2xl:sticky @2xl:top-0', !isIndex && 'max-md:hidden')} />
          {!isIndex && (
            <div className="max-w-[704px] min-w-0 flex-1 @2xl:pt-2">{closed === null ? <Outlet /> : <ClosedPage closedBy={closed} />}</div>
          )}
        </div>
      </div>
    </main>
  )
}

/** From a page back to their names. */
function WayBack() {
  return (
    <nav className="flex items-center md:hidden">
      <Link to="/settings" className="press flex h-11 items-center rounded-control px-1 text-ui text-ink-2 hover:text-ink">
        <Trans>Settings</Trans>
      </Link>
      <ChevronRight aria-hidden className="size-3.5! text-ink-3" />
    </nav>
  )
}
