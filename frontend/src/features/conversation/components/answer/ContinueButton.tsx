/** Goes on with an answer that was cut: in its own place, or, where its limits are used up, in a new one. */
import { Trans, useLingui } from '@lingui/react/macro'
import { CornerDownRight, Play } from 'lucide-react'

import { TimedButton } from '@/shared/problems'
import { Button } from '@/shared/ui'

import { useContinueRun } from '../../hooks/useRunControls'

/** `retryAt`: before then it would fail again; null where it may go on at once. */
export function ContinueButton({ runId, retryAt = null }: { runId: string; retryAt?: number | null }) {
  const { mutate, isPending } = useContinueRun()
  return (
    <TimedButton size="sm" until={retryAt} busy={isPending} onClick={() => mutate(runId)}>
      <Play aria-hidden className="size-3.5!" />
      <Trans>Continue</Trans>
    </TimedButton>
  )
}

export function AskForRestButton({ onAsk }: { onAsk: (text: string) => void }) {
  const { t } = useLingui()
  return (
    <Button size="sm" onClick={() => onAsk(t`Please go on where you stopped.`)}>
      <CornerDownRight aria-hidden className="size-3.5!" />
      <Trans>Ask for the rest</Trans>
    </Button>
  )
}
