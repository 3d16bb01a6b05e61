/** Settings > API keys: make one, see which there are, end one. */
import { Trans, useLingui } from '@lingui/react/macro'

import { type ApiKey } from '@/shared/api'
import { formatAgo, formatDate } from '@/shared/lib/format'
import { ProblemLine } from '@/shared/problems'
import { ConfirmInRow, PagedList, SettingsSection } from '@/shared/settings'
import { Badge, EmptyState } from '@/shared/ui'

import { apiKeysQuery, useCreateApiKey, useRevokeApiKey } from '../api/apiKeys'
import { ApiKeyForm } from './ApiKeyForm'
import { FreshApiKey } from './FreshApiKey'
import { SCOPES, useScopeNames } from './ScopeChoice'

export function ApiKeySettings() {
  const create = useCreateApiKey()
  return (
    <>
      <SettingsSection
        title={<Trans>New API key</Trans>}
        lead={<Trans>A key acts as you, in this organization, as far as you let it.</Trans>}
      >
        <ApiKeyForm create={create} />
        {create.data && <FreshApiKey apiKey={create.data} />}
      </SettingsSection>
      <SettingsSection title={<Trans>API keys</Trans>}>
        <PagedList
          query={apiKeysQuery}
          keyOf={({ id }) => id}
          empty={
            <EmptyState>
              <Trans>You have no key yet. Name one above and create it.</Trans>
            </EmptyState>
          }
        >
          {(key) => <KeyRow apiKey={key} />}
        </PagedList>
      </SettingsSection>
    </>
  )
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useLingui()
  const revoke = useRevokeApiKey()
  const scopes = useScopeNames()
  const { id, name, prefix } = apiKey
  const isExpired = apiKey.expires_at !== null && Date.parse(apiKey.expires_at) < Date.now()
  return (
    <li className="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-1 py-2">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 text-ui font-medium">
          <bdi>{name}</bdi>
          <code className="font-mono text-row font-normal text-ink-2">{`${prefix}…`}</code>
          {SCOPES.filter((scope) => apiKey.scopes.includes(scope)).map((scope) => (
            <Badge key={scope}>{scopes[scope]}</Badge>
          ))}
          {isExpired && <Badge tone="warn">{t`expired`}</Badge>}
        </p>
        <p className="text-row text-ink-3">
          <KeyFacts apiKey={apiKey} isExpired={isExpired} />
        </p>
        {revoke.error && <ProblemLine error={revoke.error} />}
      </div>
      <ConfirmInRow action={t`Revoke`} label={t`Revoke ${name}`} busy={revoke.isPending} onConfirm={() => revoke.mutate(id)} />
    </li>
  )
}

function KeyFacts({ apiKey, isExpired }: { apiKey: ApiKey; isExpired: boolean }) {
  const { t, i18n } = useLingui()
  const made = formatDate(apiKey.created_at, i18n.locale)
  const used = apiKey.last_used_at && formatAgo(apiKey.last_used_at, i18n.locale)
  const ends = apiKey.expires_at && formatDate(apiKey.expires_at, i18n.locale)
  const facts = [
    t`created ${made}`,
    used ? t`used ${used}` : t`never used`,
    ends ? (isExpired ? t`expired ${ends}` : t`expires ${ends}`) : t`does not expire`,
  ]
  return facts.join(' · ')
}
