/** Paste a key or an address, see that it works, keep it. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Check } from 'lucide-react'
import { type FormEvent, useState } from 'react'

import { type ConnectionTest, type Model, useErrorText } from '@/shared/api'
import { Button, ErrorLine } from '@/shared/ui'

import { useCreateConnection, useTestConnection } from '../api/connections'
import { type ConnectDraft, toConnection } from '../model/detectKind'
import { ConnectFields } from './ConnectFields'

interface ConnectFormProps {
  onConnected: (added: Model[]) => void
}

export function ConnectForm({ onConnected }: ConnectFormProps) {
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
    const body = toConnection(draft)
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
            onClick={() => create.mutate(toConnection(draft), { onSuccess: ({ added }) => onConnected(added) })}
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

const SHOWN_NAMES = 4

function TestResult({ result }: { result: ConnectionTest }) {
  const { t, i18n } = useLingui()
  const count = result.models.length
  if (!result.ok) return <ErrorLine>{result.error ?? t`The provider did not answer. Check the address and the key.`}</ErrorLine>
  const names = result.models.slice(0, SHOWN_NAMES).join(', ')
  const ms = new Intl.NumberFormat(i18n.locale).format(Math.round(result.latency_ms ?? 0))
  return (
    <div role="status" className="flex gap-2 text-row text-ok">
      <Check aria-hidden className="mt-px" />
      <p>
        <Plural value={count} one="It works: # model" other="It works: # models" />
        {' · '}
        <span className="text-ink-2">
          <Trans>answered in {ms} ms</Trans>
        </span>
        {' · '}
        <span className="text-ink-2">{count > SHOWN_NAMES ? `${names} …` : names}</span>
      </p>
    </div>
  )
}
