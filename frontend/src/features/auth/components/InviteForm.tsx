/** Joining by invitation: a name and a password; the address is the invited one. */
import { Trans, useLingui } from '@lingui/react/macro'
import { type FormEvent, useState } from 'react'

import { ProblemLine, retryTimeOf, TimedButton } from '@/shared/problems'
import { Field, Input } from '@/shared/ui'

import { useAcceptInvite } from '../api/auth'
import { NewPasswordField } from './NewPasswordField'
import type { LinkFormProps } from './SetUpForm'

export function InviteForm({ token, email, onSignedIn }: LinkFormProps) {
  const { t } = useLingui()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const accept = useAcceptInvite()

  const submit = (event: FormEvent) => {
    event.preventDefault()
    accept.mutate({ token, name: name.trim(), password }, { onSuccess: onSignedIn })
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {email && (
        <Field label={t`E-mail`}>
          {(control) => <Input {...control} type="email" autoComplete="username" readOnly value={email} className="bg-transparent! text-ink-2" />}
        </Field>
      )}
      <Field label={t`Your name`} hint={t`Others in the organization see it.`}>
        {(control) => (
          <Input {...control} autoComplete="name" autoFocus required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <NewPasswordField value={password} onChange={setPassword} />
      {accept.error && <ProblemLine error={accept.error} />}
      <TimedButton type="submit" variant="primary" size="lg" until={retryTimeOf(accept.error)} busy={accept.isPending} className="mt-1 w-full">
        <Trans>Join</Trans>
      </TimedButton>
    </form>
  )
}
