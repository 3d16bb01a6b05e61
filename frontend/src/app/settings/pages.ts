/** The pages of the settings, one entry each: their routes, the navigation and the commands of the palette are made from it. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { Activity, KeyRound, type LucideIcon, LockKeyhole, Plug, UserRound, UsersRound, Wrench } from 'lucide-react'
import type { ComponentType } from 'react'

import { may, type Me, type Permission } from '@/shared/api'
import { addCatalogue } from '@/shared/i18n'

/** Whose matter a page is. */
export const GROUPS = ['account', 'organization', 'instance'] as const
export type SettingsGroup = (typeof GROUPS)[number]

interface PageOptions {
  group: SettingsGroup
  title: MessageDescriptor
  icon: LucideIcon
  /** Without it the page is closed, and not in the navigation. */
  needs?: Permission
  /** Of no use in the organization that a person has alone. */
  isForShared?: true
  load: () => Promise<{ SettingsPage: ComponentType }>
}

/** Few people come here, and everybody loads the shell. */
const texts = {
  en: () => import('@/shared/i18n/catalogues/settings/en.po'),
  'pt-BR': () => import('@/shared/i18n/catalogues/settings/pt-BR.po'),
}

const page = <Path extends string>(path: Path, { load, ...options }: PageOptions) => ({
  path,
  ...options,
  load: async () => (await Promise.all([load(), addCatalogue(texts)]))[0],
})

export const SETTINGS_PAGES = [
  page('profile', { group: 'account', title: msg`Profile`, icon: UserRound, load: () => import('@/features/settings/profile') }),
  page('logins', { group: 'account', title: msg`Password and logins`, icon: LockKeyhole, load: () => import('@/features/settings/logins') }),
  page('keys', { group: 'account', title: msg`API keys`, icon: KeyRound, load: () => import('@/features/settings/apiKeys') }),
  page('tools', { group: 'account', title: msg`Tools`, icon: Wrench, load: () => import('@/features/tools/settings') }),
  page('models', { group: 'organization', title: msg`Models`, icon: Plug, load: () => import('@/features/models/settings') }),
  page('people', {
    group: 'organization',
    title: msg`People`,
    icon: UsersRound,
    needs: 'people:manage',
    isForShared: true,
    load: () => import('@/features/settings/people'),
  }),
  page('operations', {
    group: 'instance',
    title: msg`Operations`,
    icon: Activity,
    needs: 'instance:read',
    load: () => import('@/features/settings/operations'),
  }),
]

export type SettingsPage = (typeof SETTINGS_PAGES)[number]

/** What closes a page to somebody, or null where it is open. */
export function closedBy({ needs, isForShared }: PageOptions, me: Me): 'personal' | 'permission' | 'instance' | null {
  if (needs !== undefined && !may(me, needs)) return needs.startsWith('instance:') ? 'instance' : 'permission'
  return isForShared && me.organization.kind === 'personal' ? 'personal' : null
}

export function openPages(me: Me): SettingsPage[] {
  return SETTINGS_PAGES.filter((page) => closedBy(page, me) === null)
}
