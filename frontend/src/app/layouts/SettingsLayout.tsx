/** The frame of the settings: their names at the left (on a phone above), one page beside them. */
import { Trans, useLingui } from '@lingui/react/macro'
import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

import { useMe } from '@/shared/api'
import { cx } from '@/shared/ui'

import { HeaderStart } from './HeaderStart'

export function SettingsLayout() {
  const { t } = useLingui()
  const { user, organization } = useMe()
  const pagesRef = useRef<HTMLElement>(null)
  const place = useLocation({ select: ({ pathname }) => pathname })
  useEffect(() => {
    // On a phone the names stand in one line, which is longer than the screen.
    pagesRef.current?.querySelector('[aria-current=page]')?.scrollIntoView?.({ inline: 'nearest', block: 'nearest' })
  }, [place])
  const managesPeople = organization.role === 'admin' && organization.kind === 'shared'
  const pages = [
    { to: '/settings/profile', name: t`Profile` },
    { to: '/settings/models', name: t`Models` },
    { to: '/settings/keys', name: t`API keys` },
    { to: '/settings/logins', name: t`Logins` },
    ...(managesPeople ? [{ to: '/settings/people', name: t`People` }] : []),
    ...(user.is_operator ? [{ to: '/settings/operations', name: t`Operations` }] : []),
  ]
  return (
    <main id="main" tabIndex={-1} className="relative flex min-w-0 flex-1 flex-col bg-canvas">
      <header className="flex h-12 flex-none items-center gap-1 px-3 max-md:px-1.5">
        <HeaderStart />
        <h1 className="px-1 text-ui font-medium md:sr-only">
          <Trans>Settings</Trans>
        </h1>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto flex max-w-[920px] gap-9 px-5 pt-4 pb-14 max-md:flex-col max-md:gap-4 max-md:px-4 max-md:pt-0">
          <nav
            ref={pagesRef}
            aria-label={t`Settings`}
            className="top-0 flex w-40 flex-none flex-col gap-0.5 self-start max-md:-mx-4 max-md:w-auto max-md:flex-row max-md:gap-4 max-md:self-stretch max-md:overflow-x-auto max-md:border-b max-md:border-line max-md:px-4 md:sticky md:pt-1"
          >
            <p aria-hidden className="px-2.5 pb-3 text-title max-md:hidden">
              <Trans>Settings</Trans>
            </p>
            {pages.map(({ to, name }) => (
              <Link key={to} to={to} className={pageLink} activeProps={{ className: pageLinkActive }} inactiveProps={{ className: pageLinkQuiet }}>
                {name}
              </Link>
            ))}
          </nav>
          <div className="max-w-[704px] min-w-0 flex-1 md:pt-2">
            <Outlet />
          </div>
        </div>
      </div>
    </main>
  )
}

const pageLink = cx(
  'press flex h-[34px] flex-none items-center rounded-control px-2.5 text-ui whitespace-nowrap hover:bg-hover hover:text-ink',
  'max-md:-mb-px max-md:h-11 max-md:rounded-none max-md:border-b-2 max-md:px-0 max-md:-outline-offset-2',
)

const pageLinkQuiet = cx('text-ink-2 max-md:border-transparent')

const pageLinkActive = cx('bg-block font-medium text-ink max-md:border-accent max-md:bg-transparent')
