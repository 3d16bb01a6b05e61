/** The arguments of a call to be changed: a form where the tool says what they are, JSON where it does not or one wants it so. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'

import { Button, cx, ErrorLine, Field, Input, Select, Textarea } from '@/shared/ui'

import { type FormField, valueOf } from './formFields'
import type { Draft } from './useDraft'

export function ArgumentsForm({ draft }: { draft: Draft }) {
  const { fields, values } = draft
  const [asJson, setAsJson] = useState(fields === null)
  return (
    <div className="space-y-3">
      {asJson || fields === null ? (
        <JsonText text={draft.json} onChange={draft.writeJson} isValid={values !== null} />
      ) : (
        fields.map((field) => <ArgumentField key={field.name} field={field} text={draft.texts[field.name] ?? ''} onChange={(text) => draft.write(field.name, text)} />)
      )}
      {fields !== null && (
        <Button variant="quiet" className={cx('-ml-2')} disabled={values === null} onClick={() => setAsJson(!asJson)}>
          {asJson ? <Trans>Edit as a form</Trans> : <Trans>Edit as JSON</Trans>}
        </Button>
      )}
    </div>
  )
}

function JsonText({ text, onChange, isValid }: { text: string; onChange: (text: string) => void; isValid: boolean }) {
  const { t } = useLingui()
  return (
    <div className="space-y-1.5">
      <Textarea
        aria-label={t`Arguments`}
        aria-invalid={!isValid || undefined}
        value={text}
        rows={Math.min(12, text.split('\n').length + 1)}
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
        className={cx('font-mono text-code!')}
      />
      {!isValid && (
        <ErrorLine>
          <Trans>This is not a JSON object. Check brackets, quotes and commas.</Trans>
        </ErrorLine>
      )}
    </div>
  )
}

interface ArgumentFieldProps {
  field: FormField
  text: string
  onChange: (text: string) => void
}

function ArgumentField({ field, text, onChange }: ArgumentFieldProps) {
  const { t } = useLingui()
  const wrong: Partial<Record<FormField['kind'], string>> = { number: t`A number is wanted here.`, integer: t`A whole number is wanted here.`, json: t`This is not JSON.` }
  const error = valueOf(field, text) === 'wrong' ? (text.trim() === '' ? t`Fill this in.` : wrong[field.kind]) : undefined
  return (
    <Field label={<span dir="auto">{field.label}</span>} hint={field.hint === '' ? undefined : <span dir="auto">{field.hint}</span>} error={error}>
      {(control) => <ArgumentControl field={field} text={text} onChange={onChange} control={control} />}
    </Field>
  )
}

type ControlProps = Parameters<Parameters<typeof Field>[0]['children']>[0]

function ArgumentControl({ field, text, onChange, control }: ArgumentFieldProps & { control: ControlProps }) {
  const { kind } = field
  if (kind === 'boolean' || kind === 'choice') return <ChoiceControl field={field} text={text} onChange={onChange} control={control} />
  if (kind === 'long' || kind === 'json') {
    const rows = Math.min(10, text.split('\n').length + 1)
    return <Textarea {...control} value={text} rows={rows} spellCheck={kind === 'long'} onChange={(event) => onChange(event.target.value)} className={kind === 'json' ? cx('font-mono text-code!') : undefined} />
  }
  return <Input {...control} value={text} inputMode={kind === 'text' ? undefined : 'decimal'} autoComplete="off" onChange={(event) => onChange(event.target.value)} />
}

function ChoiceControl({ field, text, onChange, control }: ArgumentFieldProps & { control: ControlProps }) {
  const { t } = useLingui()
  const names: Partial<Record<string, string>> = field.kind === 'boolean' ? { true: t`Yes`, false: t`No` } : {}
  const options = field.kind === 'boolean' ? ['true', 'false'] : field.choices
  return (
    <Select {...control} value={text} onChange={(event) => onChange(event.target.value)}>
      {(!field.isRequired || text === '') && <option value="" aria-label={t`Not set`} />}
      {options.map((option) => (
        <option key={option} value={option}>
          {names[option] ?? option}
        </option>
      ))}
    </Select>
  )
}
