/** How an answer ended when it did not end well: stopped, failed, or never sent. One sentence, one action. */
import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'

import { CopyButton } from '@/shared/ui'

import { useHoldScroll } from '../list/holdScroll'
import { AgainButton } from './AgainButton'
import { Mark, type MarkKind } from './Mark'

interface EndingProps {
  mark: MarkKind
  children: ReactNode
  onRetry?: () => void
  /** Before then trying again would fail again. */
  retryAt?: number | null
  /** What can be done besides, before trying again. */
  action?: ReactNode
  /** For whoever looks into it: what the server said, the code, and the trace where there is one. */
  said?: string
  code?: string
  traceId?: string | null
}

export function Ending({ mark, children, onRetry, retryAt = null, action, said, code, traceId }: EndingProps) {
  return (
    <div className="answer-row answer-end items-start! py-1.5 text-ui">
      <Mark kind={mark} />
      <div className="max-w-(--prose) min-w-0 flex-1">
        <p className={mark === 'failed' ? 'text-danger' : 'text-ink-2'} role={mark === 'failed' ? 'alert' : undefined}>
          {children}
        </p>
        {(onRetry ?? action ?? code) !== undefined && (
          <div className="mt-2 flex flex-wrap items-start gap-3">
            {action}
            {onRetry !== undefined && <AgainButton retryAt={retryAt} onClick={onRetry} />}
            {code !== undefined && <Details said={said} code={code} traceId={traceId ?? null} />}
          </div>
        )}
      </div>
    </div>
  )
}

function Details({ said, code, traceId }: { said: string | undefined; code: string; traceId: string | null }) {
  const { t } = useLingui()
  const holdScroll = useHoldScroll()
  return (
    <details className="min-w-0 text-row text-ink-2" onToggle={holdScroll}>
      <summary className="flex min-h-7 items-center max-md:min-h-11">
        <Trans>Details</Trans>
      </summary>
      {said && <p className="max-w-(--prose) pb-1 wrap-anywhere">{said}</p>}
      <div className="flex items-center gap-1 font-mono text-badge font-normal wrap-anywhere">
        <span>
          {code}
          {traceId !== null && <span className="block text-ink-3">{traceId}</span>}
        </span>
        <CopyButton text={() => [said, code, traceId].filter(Boolean).join(' ')} label={t`Copy details`} />
      </div>
    </details>
  )
}
