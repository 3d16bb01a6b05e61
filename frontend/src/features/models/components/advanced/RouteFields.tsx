/** The way to the server: through a proxy, with certificates of one's own, and how long to wait. */
import { Trans, useLingui } from '@lingui/react/macro'

import { Field, Input, Textarea } from '@/shared/ui'

import { OptionsGroup, type OptionsPartProps } from './OptionsGroup'

const PEM_HEAD = '-----BEGIN CERTIFICATE-----'

export function RouteFields({ draft, onChange, errors }: OptionsPartProps) {
  const { t } = useLingui()
  const loginHint = draft.proxyHasLogin ? t`Its login is stored and stays. To change it, enter the whole address.` : t`With its login, if it wants one: http://name:password@host:port.`
  return (
    <OptionsGroup title={<Trans>The way there</Trans>}>
      <Field label={t`Proxy`} hint={loginHint} error={errors.proxy}>
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            spellCheck={false}
            inputMode="url"
            placeholder="http://proxy.lan:3128"
            value={draft.proxy}
            onChange={(event) => onChange({ ...draft, proxy: event.target.value })}
            className="font-mono text-code!"
          />
        )}
      </Field>
      <Field label={t`Certificates of your own`} hint={t`In PEM form; trusted for this connection beside the usual ones.`} error={errors.authority}>
        {(control) => (
          <Textarea
            {...control}
            rows={3}
            spellCheck={false}
            placeholder={PEM_HEAD}
            value={draft.authority}
            onChange={(event) => onChange({ ...draft, authority: event.target.value })}
            className="font-mono text-code!"
          />
        )}
      </Field>
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <Seconds
          label={t`Wait for the first token`}
          hint={t`Models that are loaded first take long.`}
          value={draft.firstToken}
          error={errors.firstToken}
          onChange={(firstToken) => onChange({ ...draft, firstToken })}
        />
        <Seconds
          label={t`Wait for each further one`}
          hint={t`Then the answer counts as cut.`}
          value={draft.idle}
          error={errors.idle}
          onChange={(idle) => onChange({ ...draft, idle })}
        />
      </div>
    </OptionsGroup>
  )
}

interface SecondsProps {
  label: string
  hint: string
  value: string
  error: string | undefined
  onChange: (value: string) => void
}

function Seconds({ label, hint, value, error, onChange }: SecondsProps) {
  const { t } = useLingui()
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <span className="flex items-center gap-2">
          <Input {...control} inputMode="decimal" placeholder={t`as usual`} value={value} onChange={(event) => onChange(event.target.value)} className="tabular-nums" />
          <span className="text-row text-ink-3">
            <Trans>seconds</Trans>
          </span>
        </span>
      )}
    </Field>
  )
}
