/** What stands in place of a list: its shape while it loads, or what went wrong. */
import { Trans } from '@lingui/react/macro'

import { ProblemLine, retryTimeOf, TimedButton } from '@/shared/problems'
import { Skeleton } from '@/shared/ui'

interface ListStateProps {
  error: unknown
  onRetry: () => void
}

export function ListState({ error, onRetry }: ListStateProps) {
  if (error) {
    return (
      <div className="flex flex-col items-start gap-3">
        <ProblemLine error={error} />
        <TimedButton size="sm" until={retryTimeOf(error)} onClick={onRetry}>
          <Trans>Try again</Trans>
        </TimedButton>
      </div>
    )
  }
  return (
    <div aria-hidden className="divide-y divide-line border-y border-line">
      {[0, 1, 2].map((row) => (
        <div key={row} className="flex h-14 flex-col justify-center gap-2">
          <Skeleton className="h-3 w-40" />
          <Skeleton className="h-2.5 w-64 max-w-full" />
        </div>
      ))}
    </div>
  )
}
