/** Invitations that nobody has used yet. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'

import { type Invite, useErrorText } from '@/shared/api'
import { formatDate } from '@/shared/lib/format'
import { ErrorLine, SettingsSection } from '@/shared/ui'

import { invitesQuery, useWithdrawInvite } from '../api/people'
import { ConfirmInRow } from './ConfirmInRow'
import { useRoleNames } from './RoleSelect'

export function InviteList() {
  const { data } = useQuery(invitesQuery)
  if (!data || data.items.length === 0) return null
  return (
    <SettingsSection title={<Trans>Open invitations</Trans>}>
      <ul className="divide-y divide-line border-y border-line">
        {data.items.map((invite) => (
          <InviteRow key={invite.id} invite={invite} />
        ))}
      </ul>
    </SettingsSection>
  )
}

function InviteRow({ invite }: { invite: Invite }) {
  const { t, i18n } = useLingui()
  const roles = useRoleNames()
  const withdraw = useWithdrawInvite()
  const errorText = useErrorText()
  const { email } = invite
  const until = formatDate(invite.expires_at, i18n.locale)
  return (
    <li className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 py-2">
      <div className="min-w-0 flex-1">
        <p className="text-ui break-words">{email}</p>
        <p className="text-row text-ink-3">{`${roles[invite.role]} · ${t`open until ${until}`}`}</p>
        {withdraw.error && <ErrorLine>{errorText(withdraw.error)}</ErrorLine>}
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
