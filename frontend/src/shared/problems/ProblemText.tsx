/** What went wrong in a sentence. Where the server says how long to wait, the seconds are counted and the end of the wait is told. */
import { Trans } from '@lingui/react/macro'

import { useErrorText } from '@/shared/api'
import { useSecondsLeft } from '@/shared/hooks'
import { ErrorLine } from '@/shared/ui'

import { retryTimeOf } from './retryTimeOf'

export function ProblemText({ error }: { error: unknown }) {
  const errorText = useErrorText()
  const until = retryTimeOf(error)
  return (
    <>
      {errorText(error)}
      {until !== null && <Wait until={until} />}
    </>
  )
}

/** Those who listen are told the time once, and when it has come; not every second. */
function Wait({ until }: { until: number }) {
  const left = useSecondsLeft(until)
  if (left === 0) {
    return (
      <>
        {' '}
        <Trans>You can try again now.</Trans>
      </>
    )
  }
  return (
    <span aria-hidden className="tabular-nums">
      {' '}
      <Trans>{left} s left.</Trans>
    </span>
  )
}

export function ProblemLine({ error }: { error: unknown }) {
  return (
    <ErrorLine>
      <ProblemText error={error} />
    </ErrorLine>
  )
}
