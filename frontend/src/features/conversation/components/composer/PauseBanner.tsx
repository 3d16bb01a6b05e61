/** Above the field while the answer is paused: that it is, what that means, and the way on. */
import { Trans } from '@lingui/react/macro'
import { Play } from 'lucide-react'

import { Button } from '@/shared/ui'

interface PauseBannerProps {
  /** The pause has ended the run: nothing works any more, and the answer waits as long as it takes. */
  isHalted: boolean
  isResuming: boolean
  onResume: () => void
}

export function PauseBanner({ isHalted, isResuming, onResume }: PauseBannerProps) {
  return (
    <div role="status" className="animate-appear mb-2 flex min-h-10 items-center gap-3 rounded-control bg-block py-1 pr-1.5 pl-3 text-row text-ink-2">
      <span aria-hidden className="hatched size-3 flex-none rounded-[3px]" />
      <p className="min-w-0 flex-1">
        <span className="mr-2 font-medium text-ink">
          <Trans>Paused</Trans>
        </span>
        <span className="max-md:hidden">{isHalted ? <Trans>The answer goes on from here, whenever you want.</Trans> : <Trans>What comes next is held back.</Trans>}</span>
      </p>
      <Button size="sm" className="bg-raised!" busy={isResuming} onClick={onResume}>
        <Play aria-hidden className="size-3.5!" />
        <Trans>Resume</Trans>
      </Button>
    </div>
  )
}
