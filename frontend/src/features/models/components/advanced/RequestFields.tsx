/** What goes along with every request: headers, and fields of the body. */
import { Trans, useLingui } from '@lingui/react/macro'
import { Plus, X } from 'lucide-react'

import { Button, ErrorLine, Field, IconButton, Input, Textarea } from '@/shared/ui'

import { type HeaderDraft, NEW_HEADER } from '../../model/connectionOptions'
import { OptionsGroup, type OptionsPartProps } from './OptionsGroup'

const HEADER_EXAMPLE = 'X-Team'

export function RequestFields({ draft, onChange, errors }: OptionsPartProps) {
  const { t } = useLingui()
  return (
    <OptionsGroup title={<Trans>With every request</Trans>}>
      <Headers headers={draft.headers} error={errors.headers} onChange={(headers) => onChange({ ...draft, headers })} />
      <Field label={t`Extra fields`} hint={t`A JSON object that is added to the body, such as {"top_k": 40}.`} error={errors.body}>
        {(control) => (
          <Textarea
            {...control}
            rows={3}
            spellCheck={false}
            value={draft.body}
            onChange={(event) => onChange({ ...draft, body: event.target.value })}
            className="font-mono text-code!"
          />
        )}
      </Field>
    </OptionsGroup>
  )
}

interface HeadersProps {
  headers: HeaderDraft[]
  error: string | undefined
  onChange: (headers: HeaderDraft[]) => void
}

function Headers({ headers, error, onChange }: HeadersProps) {
  const put = (at: number, header: HeaderDraft) => onChange(headers.map((each, number) => (number === at ? header : each)))
  return (
    <div className="flex flex-col gap-2">
      <p className="text-row font-medium">
        <Trans>Headers</Trans>
      </p>
      {headers.map((header, at) => (
        <HeaderRow key={at} header={header} number={at + 1} onChange={(next) => put(at, next)} onRemove={() => onChange(headers.filter((_, number) => number !== at))} />
      ))}
      {error ? (
        <ErrorLine>{error}</ErrorLine>
      ) : (
        headers.length > 0 && (
          <p className="text-row text-ink-3">
            <Trans>Values are kept encrypted and never shown again.</Trans>
          </p>
        )
      )}
      <Button size="sm" className="self-start" onClick={() => onChange([...headers, NEW_HEADER])}>
        <Plus />
        <Trans>Add a header</Trans>
      </Button>
    </div>
  )
}

interface HeaderRowProps {
  header: HeaderDraft
  number: number
  onChange: (header: HeaderDraft) => void
  onRemove: () => void
}

function HeaderRow({ header, number, onChange, onRemove }: HeaderRowProps) {
  const { t } = useLingui()
  return (
    <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] items-center gap-1.5">
      <Input
        aria-label={t`Name of header ${number}`}
        placeholder={HEADER_EXAMPLE}
        value={header.name}
        readOnly={header.isStored}
        onChange={(event) => onChange({ ...header, name: event.target.value })}
        className="font-mono text-code!"
      />
      <Input
        aria-label={t`Value of header ${number}`}
        type="password"
        autoComplete="off"
        placeholder={header.isStored ? t`stored, stays` : t`value`}
        value={header.value}
        onChange={(event) => onChange({ ...header, value: event.target.value })}
        className="font-mono text-code!"
      />
      <IconButton label={t`Remove header ${number}`} icon={<X />} onClick={onRemove} />
    </div>
  )
}
