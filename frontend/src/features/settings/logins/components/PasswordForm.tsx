/** A new password against the current one; other logins end with it. */
import { Trans, useLingui } from '@lingui/react/macro'
import { type FormEvent, useState } from 'react'

import { ApiError, useMe } from '@/shared/api'
import { ProblemLine, ProblemText } from '@/shared/problems'
import { Button, Field, Input, toasts } from '@/shared/ui'

import { useChangePassword } from '../api/logins'
import { KeptKeys } from './KeptKeys'

const LEAST = 8

export function PasswordForm() {
  const { t } = useLingui()
  const { user } = useMe()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const change = useChangePassword()
  const isWrong = change.error instanceof ApiError && change.error.code === 'identity.wrong_password'

  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate(
      { current_password: current, new_password: next },
      {
        onSuccess: () => {
          setCurrent('')
          setNext('')
          toasts.show({ text: t`Password changed.` })
        },
      },
    )
  }
  return (
    <>
      <form onSubmit={submit} className="flex max-w-sm flex-col gap-4">
        <input type="hidden" autoComplete="username" value={user.email} readOnly />
        <Field label={t`Current password`} error={isWrong && <ProblemText error={change.error} />}>
          {(control) => (
            <Input {...control} type="password" autoComplete="current-password" required value={current} onChange={(event) => setCurrent(event.target.value)} />
          )}
        </Field>
        <Field label={t`New password`} hint={t`At least ${LEAST} characters.`}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="new-password"
              required
              minLength={LEAST}
              maxLength={256}
              value={next}
              onChange={(event) => setNext(event.target.value)}
            />
          )}
        </Field>
        {change.error && !isWrong && <ProblemLine error={change.error} />}
        <div>
          <Button type="submit" busy={change.isPending} disabled={current === '' || next.length < LEAST}>
            <Trans>Change password</Trans>
          </Button>
        </div>
      </form>
      {change.data !== undefined && <KeptKeys key={change.submittedAt} count={change.data} />}
    </>
  )
}
