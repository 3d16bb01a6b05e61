/** A password that is being chosen. */
import { useLingui } from '@lingui/react/macro'

import { Field } from '@/shared/ui'

import { PasswordInput } from './PasswordInput'

export const LEAST_PASSWORD = 8

interface NewPasswordFieldProps {
  value: string
  onChange: (value: string) => void
  autoFocus?: boolean
}

export function NewPasswordField({ value, onChange, autoFocus }: NewPasswordFieldProps) {
  const { t } = useLingui()
  return (
    <Field label={t`Password`} hint={t`At least ${LEAST_PASSWORD} characters. A sentence is easy to keep and hard to guess.`}>
      {(control) => (
        <PasswordInput
          {...control}
          autoComplete="new-password"
          autoFocus={autoFocus}
          required
          minLength={LEAST_PASSWORD}
          maxLength={256}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}
