/** Sign in with e-mail and password; on an instance without anybody, says how to begin. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'

import { ProblemLine, retryTimeOf, TimedButton } from '@/shared/problems'
import { Button, EmailInput, Field } from '@/shared/ui'

import { authStateQuery, useLogIn } from '../api/auth'
import { AuthFrame } from './AuthFrame'
import { PasswordInput } from './PasswordInput'

interface SignInPageProps {
  onSignedIn: () => void
}

export function SignInPage({ onSignedIn }: SignInPageProps) {
  const { t } = useLingui()
  const state = useQuery(authStateQuery)
  const isEmptyInstance = state.data?.setup_required ?? false
  const foot = state.data && <Version version={state.data.version} />

  if (isEmptyInstance) {
    return (
      <AuthFrame title={t`Welcome to Coda`} lead={t`Nobody has an account here yet.`} foot={foot}>
        <FirstStartHint onCheck={() => void state.refetch()} />
      </AuthFrame>
    )
  }
  return (
    <AuthFrame title={t`Sign in to Coda`} foot={foot}>
      <SignInForm onSignedIn={onSignedIn} />
    </AuthFrame>
  )
}

function Version({ version }: { version: string }) {
  return (
    <span className="text-ink-3">
      <Trans>Coda {version}</Trans>
    </span>
  )
}

function SignInForm({ onSignedIn }: SignInPageProps) {
  const { t } = useLingui()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const logIn = useLogIn()

  const submit = (event: FormEvent) => {
    event.preventDefault()
    logIn.mutate({ email: email.trim(), password }, { onSuccess: onSignedIn })
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field label={t`E-mail`}>
        {(control) => (
          <EmailInput
            {...control}
            autoComplete="username"
            autoFocus
            required
            value={email}
            onChange={(event) => {
              // The wait is for one account.
              logIn.reset()
              setEmail(event.target.value)
            }}
          />
        )}
      </Field>
      <Field label={t`Password`}>
        {(control) => (
          <PasswordInput
            {...control}
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      {logIn.error && <ProblemLine error={logIn.error} />}
      <TimedButton type="submit" variant="primary" size="lg" until={retryTimeOf(logIn.error)} busy={logIn.isPending} className="mt-1 w-full">
        <Trans>Sign in</Trans>
      </TimedButton>
      <p className="text-row text-ink-2">
        <Trans>
          Forgot your password? Ask whoever runs this server: <code className="font-mono text-code">coda user reset-password</code> makes
          you a link.
        </Trans>
      </p>
    </form>
  )
}

function FirstStartHint({ onCheck }: { onCheck: () => void }) {
  return (
    <div className="flex flex-col gap-4 text-ui text-ink-2">
      <p>
        <Trans>
          The terminal where Coda was started shows a set-up link. Open it in this browser to create the first account, the
          administrator's.
        </Trans>
      </p>
      <p>
        <Trans>
          The link works once. To get a new one, start Coda again, or set <code className="font-mono text-code">CODA_ADMIN_EMAIL</code>{' '}
          and <code className="font-mono text-code">CODA_ADMIN_PASSWORD</code> before the start.
        </Trans>
      </p>
      <div>
        <Button onClick={onCheck}>
          <Trans>Check again</Trans>
        </Button>
      </div>
    </div>
  )
}
