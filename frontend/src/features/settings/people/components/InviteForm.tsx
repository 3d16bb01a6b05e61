/** Makes a one-time link for an address and shows it, this once. */
import { Trans, useLingui } from '@lingui/react/macro'
import { type FormEvent, useState } from 'react'

import { type InviteCreated, type Role } from '@/shared/api'
import { formatDate } from '@/shared/lib/format'
import { ProblemLine, retryTimeOf, TimedButton } from '@/shared/problems'
import { EmailInput, Field, SecretLine } from '@/shared/ui'

import { useInvite } from '../api/people'
import { LooksLike } from './LooksLike'
import { RoleSelect } from './RoleSelect'

export function InviteForm() {
  const { t } = useLingui()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('member')
  const invite = useInvite()

  const submit = (event: FormEvent) => {
    event.preventDefault()
    invite.mutate({ email: email.trim(), role }, { onSuccess: () => setEmail('') })
  }
  return (
    <div className="flex flex-col gap-4">
      <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
        <div className="min-w-52 flex-1">
          <Field label={t`E-mail`}>
            {(control) => (
              <EmailInput {...control} autoComplete="off" required value={email} onChange={(event) => setEmail(event.target.value)} />
            )}
          </Field>
        </div>
        <div className="w-36 max-md:w-44">
          <Field label={t`Role`}>{(control) => <RoleSelect {...control} value={role} onChange={setRole} />}</Field>
        </div>
        <TimedButton type="submit" variant="primary" until={retryTimeOf(invite.error)} busy={invite.isPending}>
          <Trans>Create link</Trans>
        </TimedButton>
      </form>
      {invite.error && <ProblemLine error={invite.error} />}
      {invite.data && <FreshInvite invite={invite.data} />}
    </div>
  )
}

function FreshInvite({ invite }: { invite: InviteCreated }) {
  const { t, i18n } = useLingui()
  const { email, link } = invite
  const until = formatDate(invite.expires_at, i18n.locale)
  return (
    <div role="status" className="flex flex-col gap-2">
      <LooksLike invite={invite} />
      <SecretLine label={t`Link for ${email}`} text={link} note={t`It is shown only now, works once, and is open until ${until}.`} />
    </div>
  )
}
