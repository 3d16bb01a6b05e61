/** What came of trying a connection: how many models, how fast, or what went wrong. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Check } from 'lucide-react'

import type { ConnectionTest } from '@/shared/api'
import { ErrorLine } from '@/shared/ui'

const SHOWN_NAMES = 4

export function TestResult({ result }: { result: ConnectionTest }) {
  const { t, i18n } = useLingui()
  const count = result.models.length
  if (!result.ok) return <ErrorLine>{result.error ?? t`The provider did not answer. Check the address and the key.`}</ErrorLine>
  const names = result.models.slice(0, SHOWN_NAMES).join(', ')
  const ms = new Intl.NumberFormat(i18n.locale).format(Math.round(result.latency_ms ?? 0))
  return (
    <div role="status" className="flex gap-2 text-row text-ok">
      <Check aria-hidden className="mt-px" />
      <p>
        <Plural value={count} one="It works: # model" other="It works: # models" />
        {' · '}
        <span className="text-ink-2">
          <Trans>answered in {ms} ms</Trans>
        </span>
        {' · '}
        <span className="text-ink-2">{count > SHOWN_NAMES ? `${names} …` : names}</span>
      </p>
    </div>
  )
}
