/** The pages that are open to this person, by whose matter they are. */
import { Trans, useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useId } from 'react'

import { useMe, useOrganizationName } from '@/shared/api'
import { cx } from '@/shared/ui'

import { GROUPS, openPages, type SettingsGroup, type SettingsPage } from './pages'

export function SettingsNav({ className }: { className?: string }) {
  const { t } = useLingui()
  const me = useMe()
  const pages = openPages(me)
  const names: Record<SettingsGroup, string> = {
    account: t`Your account`,
    organization: useOrganizationName()(me.organization),
    instance: t`This server`,
  }
  return (
    <nav aria-label={t`Settings`} className={cx('flex flex-none flex-col gap-5 max-md:w-full md:-mx-2.5 md:flex-row md:flex-wrap md:gap-x-0.5 md:gap-y-2 @2xl:mx-0 @2xl:w-52 @2xl:flex-col @2xl:flex-nowrap @2xl:gap-5 @2xl:self-start @2xl:pt-1', className)}>
      <p aria-hidden className="basis-full px-2.5 text-title max-md:hidden @2xl:basis-auto">
        <Trans>Settings</Trans>
      </p>
      {GROUPS.map((group) => (
        <PageGroup key={group} name={names[group]} pages={pages.filter((page) => page.group === group)} />
      ))}
    </nav>
  )
}

function PageGroup({ name, pages }: { name: string; pages: readonly SettingsPage[] }) {
  const { i18n } = useLingui()
  const id = useId()
  if (pages.length === 0) return null
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="truncate px-2.5 pb-1.5 text-badge text-ink-3 max-md:px-0 md:sr-only @2xl:not-sr-only @2xl:px-2.5! @2xl:pb-1.5!">
        {name}
      </h2>
      <ul className="flex flex-col gap-0.5 md:flex-row md:flex-wrap @2xl:flex-col">
        {pages.map(({ path, title, icon: Icon }) => (
          <li key={path}>
            <Link to={`/settings/${path}`} className={pageLink} activeProps={{ className: pageLinkActive }} inactiveProps={{ className: pageLinkQuiet }}>
              <Icon aria-hidden />
              <span className="min-w-0 flex-1 truncate">{i18n._(title)}</span>
              <ChevronRight aria-hidden className="text-ink-3 md:hidden" />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}

const pageLink = cx('press flex h-[34px] items-center gap-2.5 rounded-control px-2.5 text-ui hover:bg-hover hover:text-ink max-md:-mx-2.5 max-md:h-11')

const pageLinkQuiet = cx('text-ink-2 max-md:text-ink')

const pageLinkActive = cx('bg-block font-medium text-ink')
