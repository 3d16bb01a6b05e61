/** Invitations that nobody has used yet. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery } from '@tanstack/react-query'

import { type Invite } from '@/shared/api'
import { formatDate } from '@/shared/lib/format'
import { ProblemLine } from '@/shared/problems'
import { ConfirmInRow, PagedList, SettingsSection } from '@/shared/settings'

import { invitesQuery, useWithdrawInvite } from '../api/people'
import { LooksLike } from './LooksLike'
import { useRoleNames } from './RoleSelect'

export function InviteList() {
  const { data, error } = useInfiniteQuery(invitesQuery)
  const hasNone = (data?.pages[0]?.items.length ?? 0) === 0
  // Nothing stands here while nobody is invited; that they could not be read is said.
  if (hasNone && !error) return null
  return (
    <SettingsSection title={<Trans>Open invitations</Trans>}>
      <PagedList query={invitesQuery} keyOf={({ id }) => id}>
        {(invite) => <InviteRow invite={invite} />}
      </PagedList>
    </SettingsSection>
  )
}

function InviteRow({ invite }: { invite: Invite }) {
  const { t, i18n } = useLingui()
  const roles = useRoleNames()
  const withdraw = useWithdrawInvite()
  const { email } = invite
  const until = formatDate(invite.expires_at, i18n.locale)
  return (
    <li className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 py-2">
      <div className="min-w-0 flex-1">
        <p className="text-ui break-words">{email}</p>
        <LooksLike invite={invite} />
        <p className="text-row text-ink-3">{`${roles[invite.role]} · ${t`open until ${until}`}`}</p>
        {withdraw.error && <ProblemLine error={withdraw.error} />}
      </div>
      <ConfirmInRow
        action={t`Withdraw`}
        label={t`Withdraw the invitation of ${email}`}
        busy={withdraw.isPending}
        onConfirm={() => withdraw.mutate(invite.id)}
      />
    </li>
  )
}
