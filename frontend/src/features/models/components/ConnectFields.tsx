/** The fields of a connection: whose it is, then what this kind needs. */
import { Trans, useLingui } from '@lingui/react/macro'

import type { ConnectionKind } from '@/shared/api'
import { ChoiceGroup } from '@/shared/settings'
import { cx, Field, Input } from '@/shared/ui'

import { type ConnectDraft, detectKind, KINDS } from '../model/detectKind'
import type { FieldErrors } from './useFieldErrors'
import { useKindNames } from './useKindNames'

interface ConnectFieldsProps {
  draft: ConnectDraft
  errors: FieldErrors
  onChange: (draft: ConnectDraft) => void
}

export function ConnectFields({ draft, errors, onChange }: ConnectFieldsProps) {
  const { t } = useLingui()
  const fields = KINDS[draft.kind]
  const changeKey = (key: string) => onChange({ ...draft, key, kind: detectKind(key) ?? draft.kind })

  return (
    <>
      <KindChoice kind={draft.kind} onChange={(kind) => onChange({ ...draft, kind, address: KINDS[kind].startAddress })} />
      {fields.address === 'needed' && (
        <Field label={t`Address`} hint={draft.kind === 'ollama' ? undefined : t`Up to and including /v1.`} error={errors.address}>
          {(control) => (
            <Input
              {...control}
              // As a text: the server reads an address without its https:// too.
              inputMode="url"
              required
              placeholder="https://"
              value={draft.address}
              onChange={(event) => onChange({ ...draft, address: event.target.value })}
              className="font-mono text-code!"
            />
          )}
        </Field>
      )}
      {fields.key !== 'none' && (
        <Field label={fields.key === 'optional' ? t`Key, if it needs one` : t`Key`} hint={fields.key === 'needed' ? t`Paste it; the provider is recognised from it.` : undefined} error={errors.key}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="off"
              autoFocus
              required={fields.key === 'needed'}
              placeholder={fields.keyExample}
              value={draft.key}
              onChange={(event) => changeKey(event.target.value)}
              className="font-mono text-code!"
            />
          )}
        </Field>
      )}
      {draft.kind === 'openai_compatible' && (
        <Field label={t`Name`} hint={t`Its models appear under this name.`} error={errors.name}>
          {(control) => (
            <Input {...control} maxLength={100} value={draft.name} onChange={(event) => onChange({ ...draft, name: event.target.value })} />
          )}
        </Field>
      )}
    </>
  )
}

function KindChoice({ kind, onChange }: { kind: ConnectionKind; onChange: (kind: ConnectionKind) => void }) {
  const names = useKindNames()
  return (
    <ChoiceGroup
      label={<Trans>Provider</Trans>}
      name="kind"
      value={kind}
      options={(Object.keys(KINDS) as ConnectionKind[]).map((value) => ({ value, label: names[value] }))}
      onChange={onChange}
      className={cx('max-sm:grid-cols-2')}
    />
  )
}
