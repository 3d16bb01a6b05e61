/** The line above a conversation: its title, what it has taken so far, and the inspector's switch. */
import { Trans, useLingui } from '@lingui/react/macro'
import { PanelRight } from 'lucide-react'
import type { ReactNode } from 'react'

import type { SessionUsage } from '@/shared/api'
import { IconButton } from '@/shared/ui'

import { formatCost, formatCount, isEstimated } from '../model/format'

interface HeaderProps {
  title: string | null
  usage: SessionUsage | null
  start?: ReactNode
  actions?: ReactNode
  inspector: { isOpen: boolean; onToggle: () => void } | null
}

export function Header({ title, usage, start, actions, inspector }: HeaderProps) {
  const { t } = useLingui()
  return (
    <header className="flex h-12 flex-none items-center gap-2 px-4 max-md:px-2">
      {start}
      {title === null ? (
        <span className="flex-1" />
      ) : (
        <h1 dir="auto" className="fade-end min-w-0 flex-1 text-ui font-medium">
          {title}
        </h1>
      )}
      {usage !== null && usage.calls > 0 && <Sum usage={usage} />}
      {actions}
      {inspector !== null && (
        <IconButton
          size="md"
          className="print:hidden"
          label={inspector.isOpen ? t`Close the inspector` : t`Open the inspector`}
          icon={<PanelRight />}
          aria-pressed={inspector.isOpen}
          onClick={inspector.onToggle}
        />
      )}
    </header>
  )
}

/** All that the session has taken, other branches and its title too. */
function Sum({ usage }: { usage: SessionUsage }) {
  const { i18n } = useLingui()
  const tokens = formatCount(usage.input_tokens + usage.output_tokens, i18n.locale)
  const cost = usage.cost_usd === null ? null : formatCost(usage.cost_usd, i18n.locale, { estimated: isEstimated(usage) })
  return (
    <span className="mx-1 flex-none text-row text-ink-2 max-md:hidden">
      {cost === null ? (
        <Trans>{tokens} tok · unpriced</Trans>
      ) : (
        <Trans>
          {tokens} tok · {cost}
        </Trans>
      )}
    </span>
  )
}
