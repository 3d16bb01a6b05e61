/** How a server is: a dot, a ring or a cross, and the word. */
import { useLingui } from '@lingui/react/macro'

import type { Health } from '@/shared/api'
import { cx } from '@/shared/ui'

export function HealthMark({ health, quiet = false, downText }: { health: Pick<Health, 'status'>; quiet?: boolean; downText?: string }) {
  const { t } = useLingui()
  const words = { up: t`Available`, down: downText ?? t`Not reachable`, unknown: t`Not checked yet` }
  const tones = { up: cx('text-ok'), down: cx('text-danger'), unknown: cx('text-ink-3') }
  return (
    <span className={cx('inline-flex items-center gap-1.5 text-row whitespace-nowrap', tones[health.status])}>
      <Shape status={health.status} />
      <span className={cx(quiet && health.status === 'up' && 'sr-only')}>{words[health.status]}</span>
    </span>
  )
}

function Shape({ status }: { status: Health['status'] }) {
  return (
    <svg aria-hidden viewBox="0 0 8 8" className="size-2 flex-none" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round">
      {status === 'up' && <circle cx="4" cy="4" r="3" fill="currentColor" />}
      {status === 'unknown' && <circle cx="4" cy="4" r="3" />}
      {status === 'down' && <path d="M1 1l6 6M7 1l-6 6" />}
    </svg>
  )
}
