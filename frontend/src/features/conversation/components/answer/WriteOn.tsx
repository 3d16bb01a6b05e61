/** Goes on with an answer that was cut, in its own place. */
import { Trans } from '@lingui/react/macro'
import { Play } from 'lucide-react'

import { Button } from '@/shared/ui'

import { useWritingOn } from '../../hooks/useControls'

export function WriteOn({ runId }: { runId: string }) {
  const { mutate, isPending } = useWritingOn()
  return (
    <Button size="sm" busy={isPending} onClick={() => mutate(runId)}>
      <Play aria-hidden className="size-3.5!" />
      <Trans>Continue</Trans>
    </Button>
  )
}
