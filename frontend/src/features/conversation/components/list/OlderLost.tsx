/** Earlier messages did not come. They are not asked for again by themselves. */
import { Trans } from '@lingui/react/macro'

import { Button } from '@/shared/ui'

export default function OlderLost({ onRetry }: { onRetry: () => void }) {
  return (
    <div role="alert" className="absolute inset-x-0 top-1 z-10 mx-auto flex w-fit max-w-full items-center gap-2 rounded-control border border-line surface-raised px-3 py-1 text-row text-ink-2 print:hidden">
      <Trans>Earlier messages could not be read.</Trans>
      <Button size="sm" variant="secondary" onClick={onRetry}>
        <Trans>Try again</Trans>
      </Button>
    </div>
  )
}
