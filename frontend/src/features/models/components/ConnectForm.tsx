/** Paste a key or an address, see that it works, keep it. */
import { Trans } from '@lingui/react/macro'
import { type FormEvent, useState } from 'react'

import { type Connection, type Model, useErrorText } from '@/shared/api'
import { Button, ErrorLine } from '@/shared/ui'

import { useCreateConnection, useTestConnection } from '../api/connections'
import { type ConnectDraft, toConnection } from '../model/detectKind'
import { ConnectFields } from './ConnectFields'
import { TestResult } from './TestResult'

interface ConnectFormProps {
  /** Whose it will be. */
  owner: Connection['for']
  onConnected: (added: Model[]) => void
}

export function ConnectForm({ owner, onConnected }: ConnectFormProps) {
  const [draft, setDraft] = useState<ConnectDraft>({ kind: 'openai', name: '', address: '', key: '' })
  const test = useTestConnection()
  const create = useCreateConnection()
  const errorText = useErrorText()
  const error = test.error ?? create.error

  const change = (next: ConnectDraft) => {
    test.reset()
    create.reset()
    setDraft(next)
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const body = { ...toConnection(draft), for: owner }
    const tested = await test.mutateAsync(body).catch(() => null)
    if (!tested?.ok) return
    create.mutate(body, { onSuccess: ({ added }) => onConnected(added) })
  }

  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      <ConnectFields draft={draft} onChange={change} />
      {test.data && <TestResult result={test.data} />}
      {error && <ErrorLine>{errorText(error)}</ErrorLine>}
      <div className="flex flex-wrap justify-end gap-2">
        {test.data && !test.data.ok && (
          <Button
            variant="quiet"
            busy={create.isPending}
            onClick={() => create.mutate({ ...toConnection(draft), for: owner }, { onSuccess: ({ added }) => onConnected(added) })}
          >
            <Trans>Save anyway</Trans>
          </Button>
        )}
        <Button onClick={() => test.mutate(toConnection(draft))} busy={test.isPending}>
          <Trans>Test</Trans>
        </Button>
        <Button type="submit" variant="primary" busy={test.isPending || create.isPending}>
          <Trans>Test and save</Trans>
        </Button>
      </div>
    </form>
  )
}
