/** A new password by link. */
import { Trans } from '@lingui/react/macro'
import { type FormEvent, useState } from 'react'

import { ProblemLine, retryTimeOf, TimedButton } from '@/shared/problems'

import { useResetPassword } from '../api/auth'
import { NewPasswordField } from './NewPasswordField'
import type { LinkFormProps } from './SetUpForm'

export function ResetForm({ token, email, onSignedIn }: LinkFormProps) {
  const [password, setPassword] = useState('')
  const reset = useResetPassword()

  const submit = (event: FormEvent) => {
    event.preventDefault()
    reset.mutate({ token, password }, { onSuccess: onSignedIn })
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {/* Tells a password manager whose password this is. */}
      <input type="hidden" autoComplete="username" value={email ?? ''} readOnly />
      <NewPasswordField value={password} onChange={setPassword} autoFocus />
      {reset.error && <ProblemLine error={reset.error} />}
      <TimedButton type="submit" variant="primary" size="lg" until={retryTimeOf(reset.error)} busy={reset.isPending} className="mt-1 w-full">
        <Trans>Save and sign in</Trans>
      </TimedButton>
    </form>
  )
}
