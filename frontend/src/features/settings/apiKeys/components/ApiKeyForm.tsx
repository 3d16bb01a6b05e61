/** The name of a key, what it may do, and how long it lives. */
import { Trans, useLingui } from '@lingui/react/macro'
import { type FormEvent, useState } from 'react'

import { type KeyScope } from '@/shared/api'
import { ProblemLine, retryTimeOf, TimedButton } from '@/shared/problems'
import { Field, Input, Select } from '@/shared/ui'

import type { useCreateApiKey } from '../api/apiKeys'
import { ScopeChoice, useOfferedScopes } from './ScopeChoice'

const DAY_MS = 86_400_000

function expiryFrom(days: string, now: number): string | null {
  return days === '' ? null : new Date(now + Number(days) * DAY_MS).toISOString()
}

export function ApiKeyForm({ create }: { create: ReturnType<typeof useCreateApiKey> }) {
  const { t } = useLingui()
  const [name, setName] = useState('')
  const [days, setDays] = useState('90')
  const offered = useOfferedScopes()
  const [scopes, setScopes] = useState<KeyScope[]>(() => offered.filter((scope) => scope !== 'admin'))
  const [isMissing, setMissing] = useState(false)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setMissing(scopes.length === 0)
    if (scopes.length === 0) return
    create.mutate({ name: name.trim(), expires_at: expiryFrom(days, Date.now()), scopes }, { onSuccess: () => setName('') })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <div className="min-w-52 flex-1">
          <Field label={t`What is it for?`}>
            {(control) => (
              <Input
                {...control}
                required
                maxLength={100}
                placeholder={t`Notebook on my laptop`}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
        </div>
        <div className="w-36">
          <Field label={t`Expires`}>
            {(control) => (
              <Select {...control} value={days} onChange={(event) => setDays(event.target.value)}>
                <option value="30">{t`in 30 days`}</option>
                <option value="90">{t`in 90 days`}</option>
                <option value="365">{t`in one year`}</option>
                <option value="">{t`never`}</option>
              </Select>
            )}
          </Field>
        </div>
      </div>
      <ScopeChoice
        offered={offered}
        value={scopes}
        isMissing={isMissing}
        onChange={(next) => {
          setMissing(false)
          setScopes(next)
        }}
      />
      {create.error && <ProblemLine error={create.error} />}
      <div>
        <TimedButton type="submit" variant="primary" until={retryTimeOf(create.error)} busy={create.isPending}>
          <Trans>Create key</Trans>
        </TimedButton>
      </div>
    </form>
  )
}
