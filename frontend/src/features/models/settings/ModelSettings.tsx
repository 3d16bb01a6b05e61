/** Settings > Models: the default, the providers and how they are, and the connections made here. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'

import { type Models, type Provider, useMay, useModels } from '@/shared/api'
import { ProblemLine, ProblemText, retryTimeOf, TimedButton } from '@/shared/problems'
import { HealthMark, SettingsSection } from '@/shared/settings'
import { Field, Select, Skeleton, toasts } from '@/shared/ui'

import { useSetDefaultModel } from '../api/connections'
import { groupModels } from '../model/groupModels'
import { ConnectionSections } from './ConnectionSections'

export function ModelSettings() {
  const readsOwn = useMay('connections:read')
  const readsAll = useMay('instance:read')
  const canList = readsOwn || readsAll
  const { data, error, refetch } = useModels()

  if (error && !data) {
    return (
      <div className="flex flex-col items-start gap-3">
        <ProblemLine error={error} />
        <TimedButton until={retryTimeOf(error)} onClick={() => void refetch()}>
          <Trans>Try again</Trans>
        </TimedButton>
      </div>
    )
  }
  if (!data) return <Skeleton className="h-64 w-full" />
  const outside = data.providers.filter(({ source }) => !canList || !STORED.includes(source))
  return (
    <>
      <DefaultModel models={data} />
      <SettingsSection
        title={canList ? <Trans>From the environment</Trans> : <Trans>Providers</Trans>}
        lead={canList && <Trans>What this server brings along or was started with.</Trans>}
      >
        <ul className="divide-y divide-line border-y border-line">
          {outside.map((provider) => (
            <ProviderRow key={provider.id} provider={provider} />
          ))}
        </ul>
      </SettingsSection>
      {canList && <ConnectionSections />}
    </>
  )
}

/** Sources whose providers are shown as the connections that they are. */
const STORED = ['connection', 'instance']

function DefaultModel({ models }: { models: Models }) {
  const canChange = useMay('organization:write')
  const { t } = useLingui()
  const change = useSetDefaultModel()
  const value = (change.isPending ? change.variables : models.chosen_default) ?? ''
  const isListed = value === '' || models.items.some(({ id }) => id === value)
  return (
    <SettingsSection title={<Trans>Default model</Trans>}>
      <div className="max-w-sm">
        <Field
          label={t`Used where nothing else is chosen`}
          hint={canChange ? undefined : t`An administrator can change it.`}
          error={change.error && <ProblemText error={change.error} />}
        >
          {(control) => (
            <Select
              {...control}
              value={value}
              disabled={!canChange}
              onChange={(event) => change.mutate(event.target.value || null, { onSuccess: () => toasts.show({ text: t`Default model changed.` }) })}
            >
              <option value="">{t`The first one that works`}</option>
              {!isListed && <option value={value}>{t`${value} (not available)`}</option>}
              {groupModels(models).map(({ provider, models: offered }) => (
                <optgroup key={provider.id} label={provider.name}>
                  {offered.map((model) => (
                    <option key={model.id} value={model.id}>
                      {model.name}
                    </option>
                  ))}
                </optgroup>
              ))}
            </Select>
          )}
        </Field>
      </div>
    </SettingsSection>
  )
}

function ProviderRow({ provider }: { provider: Provider }) {
  const { t } = useLingui()
  const count = provider.models
  const sources: Record<string, string> = {
    'built-in': t`built in`,
    environment: t`from the environment`,
    connection: t`connected here`,
    instance: t`for everybody here`,
    discovered: t`found on this machine`,
  }
  return (
    <li className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 py-2">
      <div className="min-w-0 flex-1">
        <p className="text-ui font-medium">{provider.name}</p>
        <p className="text-row text-ink-3">
          <Plural value={count} one="# model" other="# models" />
          {` · ${sources[provider.source] ?? provider.source}`}
        </p>
        {provider.health.status === 'down' && provider.health.detail && <p className="text-row text-ink-2">{provider.health.detail}</p>}
      </div>
      <HealthMark health={provider.health} />
    </li>
  )
}
