/** The first administrator. */
import { Trans, useLingui } from '@lingui/react/macro'
import { type FormEvent, useState } from 'react'

import { ProblemLine, retryTimeOf, TimedButton } from '@/shared/problems'
import { EmailInput, Field, Input } from '@/shared/ui'

import { useSetUp } from '../api/auth'
import { NewPasswordField } from './NewPasswordField'

export interface LinkFormProps {
  token: string
  email: string | null
  onSignedIn: () => void
}

export function SetUpForm({ token, email: given, onSignedIn }: LinkFormProps) {
  const { t } = useLingui()
  const [name, setName] = useState('')
  const [email, setEmail] = useState(given ?? '')
  const [password, setPassword] = useState('')
  const setUp = useSetUp()

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setUp.mutate({ token, name: name.trim(), email: email.trim(), password }, { onSuccess: onSignedIn })
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field label={t`Your name`} hint={t`Others in the organization see it.`}>
        {(control) => (
          <Input {...control} autoComplete="name" autoFocus required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <Field label={t`E-mail`}>
        {(control) => (
          <EmailInput
            {...control}
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <NewPasswordField value={password} onChange={setPassword} />
      {setUp.error && <ProblemLine error={setUp.error} />}
      <TimedButton type="submit" variant="primary" size="lg" until={retryTimeOf(setUp.error)} busy={setUp.isPending} className="mt-1 w-full">
        <Trans>Create account</Trans>
      </TimedButton>
    </form>
  )
}
