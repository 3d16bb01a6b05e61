/** Who is signed in, where, and the way to settings and out. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useNavigate } from '@tanstack/react-router'
import { Check, ChevronsUpDown, LogOut, Settings } from 'lucide-react'

import { access, type Me, type Organization, useErrorText, useMe, useOrganizationName } from '@/shared/api'
import { Menu, MenuItem, MenuLabel, MenuLine, toasts } from '@/shared/ui'

function initials({ name, email }: Me['user']): string {
  const words = (name || email).split(/[\s@._-]+/).filter(Boolean)
  return words
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('')
}

export function PersonMenu() {
  const { t } = useLingui()
  const { user, organization, organizations } = useMe()
  const navigate = useNavigate()
  const errorText = useErrorText()
  const nameOf = useOrganizationName()
  const name = user.name || user.email

  const switchTo = async ({ id }: Organization) => {
    try {
      await access.switchOrganization(id)
      // Everything on the screen belongs to the other organization: begin anew.
      location.assign('/')
    } catch (error) {
      toasts.show({ text: errorText(error), tone: 'error' })
    }
  }
  const signOut = () => access.signOut().catch((error: unknown) => toasts.show({ text: errorText(error), tone: 'error' }))

  return (
    <Menu
      side="top"
      className="w-60"
      trigger={
        <button
          type="button"
          className="press flex h-11 w-full min-w-0 items-center gap-2.5 rounded-control px-2 text-left -outline-offset-2 hover:bg-hover data-[state=open]:bg-hover"
        >
          <span aria-hidden className="flex size-7 flex-none items-center justify-center rounded-full bg-ink text-hint font-semibold text-on-ink">
            {initials(user)}
          </span>
          <span dir="auto" className="min-w-0 flex-1 truncate text-ui">{name}</span>
          <span dir="auto" className="max-w-24 truncate text-row text-ink-3">{nameOf(organization)}</span>
          <ChevronsUpDown aria-hidden className="size-3.5! text-ink-3" />
        </button>
      }
    >
      <MenuLabel>{user.email}</MenuLabel>
      {organizations.length > 1 && (
        <>
          {organizations.map((other) => (
            <MenuItem key={other.id} onSelect={() => void switchTo(other)} end={other.id === organization.id && <Check aria-label={t`chosen`} />}>
              {nameOf(other)}
            </MenuItem>
          ))}
          <MenuLine />
        </>
      )}
      <MenuItem icon={<Settings />} onSelect={() => void navigate({ to: '/settings' })}>
        <Trans>Settings</Trans>
      </MenuItem>
      <MenuItem icon={<LogOut />} onSelect={() => void signOut()}>
        <Trans>Sign out</Trans>
      </MenuItem>
    </Menu>
  )
}
