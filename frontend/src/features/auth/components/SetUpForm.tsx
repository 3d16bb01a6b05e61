/** The first administrator. */
import { Trans, useLingui } from '@lingui/react/macro'
import { type FormEvent, useState } from 'react'

import { useErrorText } from '@/shared/api'
import { Button, ErrorLine, Field, Input } from '@/shared/ui'

import { useSetUp } from '../api/auth'
import { NewPasswordField } from './NewPasswordField'

export interface LinkFormProps {
  token: string
  email: string | null
  onSignedIn: () => void
}

export function SetUpForm({ token, email: given, onSignedIn }: LinkFormProps) {
  const { t } = useLingui()
  const [email, setEmail] = useState(given ?? '')
  const [password, setPassword] = useState('')
  const setUp = useSetUp()
  const errorText = useErrorText()

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setUp.mutate({ token, email: email.trim(), password }, { onSuccess: onSignedIn })
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field label={t`E-mail`}>
        {(control) => (
          <Input
            {...control}
            type="email"
            autoComplete="username"
            autoFocus
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <NewPasswordField value={password} onChange={setPassword} />
      {setUp.error && <ErrorLine>{errorText(setUp.error)}</ErrorLine>}
      <Button type="submit" variant="primary" size="lg" busy={setUp.isPending} className="mt-1 w-full">
        <Trans>Create account</Trans>
      </Button>
    </form>
  )
}
