/** Paste a key or an address, see that it works, keep it. */
import { Trans } from '@lingui/react/macro'
import { type FormEvent, useState } from 'react'

import type { Connection, Model } from '@/shared/api'
import { Button, ErrorLine } from '@/shared/ui'

import { useCreateConnection, useTestConnection } from '../api/connections'
import { isUnchanged, NO_OPTIONS, toOptions } from '../model/connectionOptions'
import { type ConnectDraft, toConnection } from '../model/detectKind'
import { optionProblems } from '../model/optionProblems'
import { AdvancedOptions } from './advanced/AdvancedOptions'
import { ConnectFields } from './ConnectFields'
import { TestResult } from './TestResult'
import { useFieldErrors } from './useFieldErrors'
import { useShownProblem } from './useShownProblem'

export interface Connected {
  added: Model[]
  /** What answered new chats before. */
  presentDefault: string | null
}

interface ConnectFormProps {
  /** Whose it will be. */
  owner: Connection['for']
  onConnected: (connected: Connected) => void
}

export function ConnectForm({ owner, onConnected }: ConnectFormProps) {
  const [draft, setDraft] = useState<ConnectDraft>({ kind: 'openai', name: '', address: '', key: '' })
  const [options, setOptions] = useState(NO_OPTIONS)
  const [attempts, setAttempts] = useState(0)
  const test = useTestConnection()
  const create = useCreateConnection()
  const refusal = test.error ?? create.error
  const { fields: errors, rest } = useFieldErrors(attempts > 0 ? optionProblems(options) : {}, refusal)
  const form = useShownProblem(attempts, refusal)

  const changing = <Value,>(set: (value: Value) => void) => (value: Value) => {
    test.reset()
    create.reset()
    set(value)
  }
  const asked = () => {
    setAttempts(attempts + 1)
    if (Object.keys(optionProblems(options)).length > 0) return null
    return { ...toConnection(draft), for: owner, ...(!isUnchanged(options, NO_OPTIONS) && { options: toOptions(options) }) }
  }
  const keep = () => {
    const body = asked()
    if (body) create.mutate(body, { onSuccess: onConnected })
  }
  const tryIt = () => {
    const body = asked()
    if (body) test.mutate(body)
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const body = asked()
    if (!body) return
    const tested = await test.mutateAsync(body).catch(() => null)
    if (tested?.ok) create.mutate(body, { onSuccess: onConnected })
  }

  return (
    <form ref={form} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      <ConnectFields draft={draft} errors={errors} onChange={changing(setDraft)} />
      <AdvancedOptions kind={draft.kind} draft={options} errors={errors} onChange={changing(setOptions)} />
      {test.data && <TestResult result={test.data} />}
      {rest && <ErrorLine>{rest}</ErrorLine>}
      <div className="flex flex-wrap justify-end gap-2">
        {test.data && !test.data.ok && (
          <Button variant="quiet" busy={create.isPending} onClick={keep}>
            <Trans>Save anyway</Trans>
          </Button>
        )}
        <Button onClick={tryIt} busy={test.isPending}>
          <Trans>Test</Trans>
        </Button>
        <Button type="submit" variant="primary" busy={test.isPending || create.isPending}>
          <Trans>Test and save</Trans>
        </Button>
      </div>
    </form>
  )
}
