/** After a connection: which of its models answers where nothing else is chosen. It can be tried before. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Check } from 'lucide-react'
import { useState } from 'react'

import { type Model } from '@/shared/api'
import { formatTokens } from '@/shared/lib/format'
import { canChat, suggestModel } from '@/shared/lib/modelChoice'
import { ProblemLine } from '@/shared/problems'
import { Button, Field, Select } from '@/shared/ui'

import { useSetDefaultModel, useTryModel } from '../api/connections'
import { shortName } from '../model/groupModels'
import { PriceText } from './PriceText'

interface ChooseDefaultProps {
  added: readonly Model[]
  /** What answers new chats today. */
  present: string | null
  onDone: (chosen: Model | null) => void
}

export function ChooseDefault({ added, present, onDone }: ChooseDefaultProps) {
  const offered = added.filter(canChat)
  const [id, setId] = useState(() => (suggestModel(offered) ?? offered[0])?.id ?? '')
  const chosen = offered.find((model) => model.id === id) ?? null
  const trial = useTryModel()
  const save = useSetDefaultModel()
  const presentName = present === null ? null : shortName(present)
  if (chosen === null) return null
  return (
    <div className="flex flex-col gap-4">
      <p role="status" className="flex gap-2 text-row text-ok">
        <Check aria-hidden className="mt-px" />
        <Plural value={added.length} one="Connected: # model" other="Connected: # models" />
      </p>
      <ModelField
        offered={offered}
        chosen={chosen}
        onChange={(next) => {
          trial.reset()
          setId(next)
        }}
      />
      <TrialResult trial={trial} />
      {save.error && <ProblemLine error={save.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button variant="quiet" onClick={() => onDone(null)}>
          {presentName === null ? <Trans>Not now</Trans> : <Trans>Keep {presentName}</Trans>}
        </Button>
        <Button busy={trial.isPending} onClick={() => trial.mutate(chosen.id)}>
          <Trans>Try it</Trans>
        </Button>
        <Button variant="primary" busy={save.isPending} onClick={() => save.mutate(chosen.id, { onSuccess: () => onDone(chosen) })}>
          <Trans>Use for new chats</Trans>
        </Button>
      </div>
    </div>
  )
}

interface ModelFieldProps {
  offered: readonly Model[]
  chosen: Model
  onChange: (id: string) => void
}

function ModelField({ offered, chosen, onChange }: ModelFieldProps) {
  const { t, i18n } = useLingui()
  const tokens = chosen.context_window === null ? null : formatTokens(chosen.context_window, i18n.locale)
  return (
    <Field
      label={t`Which model answers new chats?`}
      hint={
        <>
          <PriceText price={chosen.price} />
          {tokens && ` · ${t`${tokens} window`}`}
          {!chosen.capabilities.tools && ` · ${t`no tools`}`}
        </>
      }
    >
      {(control) => (
        <Select {...control} autoFocus value={chosen.id} onChange={(event) => onChange(event.target.value)}>
          {offered.map((model) => (
            <option key={model.id} value={model.id}>
              {model.name}
            </option>
          ))}
        </Select>
      )}
    </Field>
  )
}

function TrialResult({ trial }: { trial: ReturnType<typeof useTryModel> }) {
  const { i18n } = useLingui()
  if (trial.error) return <ProblemLine error={trial.error} />
  if (trial.data === undefined) return null
  const ms = i18n.number(Math.round(trial.data))
  return (
    <p role="status" className="flex gap-2 text-row text-ok">
      <Check aria-hidden className="mt-px" />
      <Trans>It answered in {ms} ms.</Trans>
    </p>
  )
}
