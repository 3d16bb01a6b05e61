/** Told to those who do not see it: that an answer is being made, how it ended and why, not its words. */
import { useLingui } from '@lingui/react/macro'

import type { ActiveRunState } from '../hooks/useActiveRun'
import { useRunErrorText } from '../hooks/useRunErrorText'
import { failureOf, problemOfFailure } from '../model/failure'
import { isPending, type Message } from '../model/message'

interface AnnouncementProps {
  state: ActiveRunState
  last: Message | null
}

export function Announcement({ state, last }: AnnouncementProps) {
  const { t } = useLingui()
  const ended = useEndWords(last)
  const words: Record<ActiveRunState, string> = {
    idle: ended,
    queued: t`The answer is being written.`,
    working: t`The answer is being written.`,
    paused: t`The answer is paused.`,
    halted: t`The answer is paused.`,
    approval: t`The answer waits for your decision.`,
    program: t`The answer waits for the program that asked.`,
  }
  return (
    <p role="status" className="sr-only">
      {words[state]}
    </p>
  )
}

function useEndWords(last: Message | null): string {
  const { t } = useLingui()
  const errorText = useRunErrorText()
  if (last?.role !== 'assistant' || isPending(last)) return ''
  if (last.status === 'stopped') return t`The answer was stopped.`
  if (last.status !== 'failed') return t`The answer is done.`
  const reason = errorText(problemOfFailure(last, failureOf(last)))
  return t`The answer failed. ${reason}`
}
