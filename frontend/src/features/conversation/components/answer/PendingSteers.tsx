/** What was thrown in and waits to be read: it moves to its place once the agent has it. */
import { Trans } from '@lingui/react/macro'

import type { Run } from '@/shared/api'

import { usePendingSteers } from '../../hooks/useRuntime'
import type { Answer } from '../../model/answer'
import { unreadSteers } from '../../model/steers'
import { Mark } from './Mark'

export function PendingSteers({ answer, serverRun }: { answer: Answer; serverRun: Run | null }) {
  const outgoing = usePendingSteers(answer.id)
  return unreadSteers(serverRun, outgoing, answer.parts).map(({ id, text }) => (
    <div key={id} className="answer-row animate-appear py-1.5 text-ui text-ink-2">
      <Mark kind="steer" isLive />
      <p className="max-w-(--prose) min-w-0 wrap-anywhere whitespace-pre-wrap">
        <bdi>{text}</bdi>{' '}
        <span className="ml-1.5 text-row text-ink-3">
          <Trans>to be read at the next step</Trans>
        </span>
      </p>
    </div>
  ))
}
