/** Settings > Password and logins: how one gets in, and where this account is signed in. */
import { Trans, useLingui } from '@lingui/react/macro'

import { type Login } from '@/shared/api'
import { formatAgo } from '@/shared/lib/format'
import { ProblemLine } from '@/shared/problems'
import { PagedList, SettingsSection } from '@/shared/settings'
import { Badge, Button } from '@/shared/ui'

import { loginsQuery, useEndLogin } from '../api/logins'
import { describeUserAgent } from '../model/userAgent'
import { PasswordForm } from './PasswordForm'

export function LoginSettings() {
  return (
    <>
      <SettingsSection title={<Trans>Password</Trans>}>
        <PasswordForm />
      </SettingsSection>
      <SettingsSection
        title={<Trans>Logins</Trans>}
        lead={<Trans>Where this account is signed in. End any login you do not recognise, and change your password.</Trans>}
      >
        <PagedList query={loginsQuery} keyOf={({ id }) => id}>
          {(login) => <LoginRow login={login} />}
        </PagedList>
      </SettingsSection>
    </>
  )
}

function LoginRow({ login }: { login: Login }) {
  const { t, i18n } = useLingui()
  const end = useEndLogin()
  const name = describeUserAgent(login.user_agent) ?? t`Unknown browser`
  const used = formatAgo(login.last_used_at, i18n.locale)
  return (
    <li className="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-1 py-2">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 text-ui font-medium">
          {name}
          {login.current && (
            <Badge tone="accent">
              <Trans>this one</Trans>
            </Badge>
          )}
        </p>
        <p className="text-row text-ink-3">{[login.address, t`used ${used}`].filter(Boolean).join(' · ')}</p>
        {end.error && <ProblemLine error={end.error} />}
      </div>
      {!login.current && (
        <Button variant="quiet" size="sm" busy={end.isPending} onClick={() => end.mutate(login.id)} aria-label={t`End login: ${name}`}>
          <Trans>End</Trans>
        </Button>
      )}
    </li>
  )
}
