/** What its models are, and what they are told. */
import { Trans, useLingui } from '@lingui/react/macro'
import { type ReactNode, useId } from 'react'

import type { ConnectionKind } from '@/shared/api'
import { Field, Switch, Textarea } from '@/shared/ui'

import { OptionsGroup, type OptionsPartProps } from './OptionsGroup'

export function ModelFields({ draft, onChange, errors, kind }: OptionsPartProps & { kind: ConnectionKind }) {
  const { t } = useLingui()
  return (
    <OptionsGroup title={<Trans>Its models</Trans>}>
      <Field label={t`Models by hand`} hint={t`One name a line, for models that the server does not list.`} error={errors.models}>
        {(control) => (
          <Textarea
            {...control}
            rows={2}
            spellCheck={false}
            placeholder={kind === 'ollama' ? 'llama3.3' : 'my-model'}
            value={draft.models}
            onChange={(event) => onChange({ ...draft, models: event.target.value })}
            className="min-h-16! font-mono text-code!"
          />
        )}
      </Field>
      <SwitchRow
        label={t`Tools`}
        hint={t`Off for models that refuse tools or make them up.`}
        isOn={draft.takesTools}
        onChange={(takesTools) => onChange({ ...draft, takesTools })}
      />
      <SwitchRow
        label={t`System role`}
        hint={t`Off for models that refuse it: instructions then stand before the question.`}
        isOn={draft.takesSystem}
        onChange={(takesSystem) => onChange({ ...draft, takesSystem })}
      />
    </OptionsGroup>
  )
}

interface SwitchRowProps {
  label: ReactNode
  hint: ReactNode
  isOn: boolean
  onChange: (isOn: boolean) => void
}

function SwitchRow({ label, hint, isOn, onChange }: SwitchRowProps) {
  const id = useId()
  return (
    <div className="flex items-center justify-between gap-4">
      <div className="min-w-0">
        <p id={id} className="text-row font-medium">
          {label}
        </p>
        <p id={`${id}-hint`} className="text-row text-ink-3">
          {hint}
        </p>
      </div>
      <Switch isOn={isOn} onChange={onChange} aria-labelledby={id} aria-describedby={`${id}-hint`} />
    </div>
  )
}
