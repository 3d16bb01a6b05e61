/** The line above a conversation: its title, what it has taken so far, and the inspector's switch. */
import { Trans, useLingui } from '@lingui/react/macro'
import { PanelRight } from 'lucide-react'
import type { ReactNode } from 'react'

import { IconButton } from '@/shared/ui'

import { formatCost, formatCount } from '../model/format'
import type { Message } from '../model/message'
import { totalsOf } from '../model/totals'

interface HeaderProps {
  title: string | null
  path: readonly Message[]
  start?: ReactNode
  actions?: ReactNode
  inspector: { isOpen: boolean; onToggle: () => void } | null
}

export function Header({ title, path, start, actions, inspector }: HeaderProps) {
  const { t } = useLingui()
  return (
    <header className="flex h-12 flex-none items-center gap-2 px-4 max-md:px-2">
      {start}
      <h1 className="fade-end min-w-0 flex-1 text-ui font-medium">{title}</h1>
      <Sum path={path} />
      {actions}
      {inspector !== null && (
        <IconButton
          size="md"
          label={inspector.isOpen ? t`Close the inspector` : t`Open the inspector`}
          icon={<PanelRight />}
          aria-pressed={inspector.isOpen}
          onClick={inspector.onToggle}
        />
      )}
    </header>
  )
}

function Sum({ path }: { path: readonly Message[] }) {
  const { i18n } = useLingui()
  const totals = totalsOf(path)
  if (totals.answers === 0) return null
  const tokens = formatCount(totals.inputTokens + totals.outputTokens, i18n.locale)
  const cost = totals.cost === null ? null : formatCost(totals.cost, i18n.locale, { estimated: totals.isEstimated })
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
