/** Address, name and sign-in of a source; whose it is stands between, where that can be chosen. */
import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'

import { ChoiceGroup } from '@/shared/settings'
import { Field, Input } from '@/shared/ui'

import { nameOf, type SignIn, type SourceDraft } from '../model/sourceDraft'
import type { SourceFieldErrors } from './useSourceErrorText'

interface SourceFieldsProps {
  draft: SourceDraft
  errors: SourceFieldErrors
  /** What the names of its tools have to do with its name. */
  nameHint: string
  /** How a stored secret ends, where it may stay. */
  kept?: string | undefined
  /** What to know about the secret. */
  secretHint?: string | undefined
  onChange: (draft: SourceDraft) => void
  /** Between the name and the sign-in. */
  children?: ReactNode
}

export function SourceFields({ draft, errors, nameHint, kept, secretHint, onChange, children }: SourceFieldsProps) {
  const { t } = useLingui()
  return (
    <>
      <Field label={t`Address`} error={errors.address}>
        {(control) => (
          <Input
            {...control}
            inputMode="url"
            required
            autoFocus
            placeholder="https://tickets.example.org/mcp"
            value={draft.url}
            onChange={(event) => onChange({ ...draft, url: event.target.value })}
            className="font-mono text-code!"
          />
        )}
      </Field>
      <Field label={t`Name`} hint={nameHint} error={errors.name}>
        {(control) => (
          <Input {...control} required maxLength={60} value={nameOf(draft)} onChange={(event) => onChange({ ...draft, name: event.target.value })} />
        )}
      </Field>
      {children}
      <ChoiceGroup
        label={<Trans>Sign-in</Trans>}
        name="sign-in"
        value={draft.signIn}
        options={[
          { value: 'none', label: t`None` },
          { value: 'bearer', label: t`Bearer token` },
          { value: 'header', label: t`Header` },
        ]}
        onChange={(signIn: SignIn) => onChange({ ...draft, signIn })}
      />
      {draft.signIn === 'header' && (
        <Field label={t`Name of the header`} error={errors.header}>
          {(control) => (
            <Input
              {...control}
              required
              maxLength={100}
              placeholder="x-api-key"
              value={draft.header}
              onChange={(event) => onChange({ ...draft, header: event.target.value })}
              className="font-mono text-code!"
            />
          )}
        </Field>
      )}
      {draft.signIn !== 'none' && (
        <Field label={draft.signIn === 'bearer' ? t`Token` : t`Value of the header`} hint={secretHint} error={errors.secret}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="off"
              required={kept === undefined}
              placeholder={kept}
              value={draft.secret}
              onChange={(event) => onChange({ ...draft, secret: event.target.value })}
              className="font-mono text-code!"
            />
          )}
        </Field>
      )}
    </>
  )
}
