/** A question that the server did not take: why, when it will, and what to do. Its words are kept here. */
import './answer.css'

import { Trans, useLingui } from '@lingui/react/macro'

import { formatRetryTime } from '@/shared/lib/retryTime'
import { Button } from '@/shared/ui'

import { useRunErrorText } from '../../hooks/useRunErrorText'
import type { Outgoing } from '../../model/outgoing'
import type { ExchangeError } from '../../model/path'
import { useActions } from '../actions'
import { AgainButton } from './AgainButton'
import { Ending } from './Ending'
import { Mark } from './Mark'

export function UnsentQuestion({ exchange }: { exchange: Outgoing }) {
  const errorText = useRunErrorText()
  const { resend } = useActions()
  const problem = exchange.error ?? { code: '', message: '', retryAt: null }
  if (problem.retryAt !== null) return <LaterCard exchange={exchange} problem={problem} retryAt={problem.retryAt} />
  return (
    <div className="answer">
      <Ending mark="failed" code={problem.code} onRetry={resend}>
        {errorText(problem)}
      </Ending>
      <TakeBack exchange={exchange} />
    </div>
  )
}

/** Too much for now. The time stands first, since it is what one wants to know. */
function LaterCard({ exchange, problem, retryAt }: { exchange: Outgoing; problem: ExchangeError; retryAt: number }) {
  const { i18n } = useLingui()
  const errorText = useRunErrorText()
  const { resend } = useActions()
  const time = formatRetryTime(retryAt, i18n.locale)
  return (
    <div className="answer">
      <div className="answer-row answer-end items-start! py-1.5 text-ui">
        <Mark kind="wait" />
        <div role="alert" className="max-w-(--prose) min-w-0 flex-1 rounded-block border border-line-strong bg-raised px-4 py-3">
          <p className="font-medium text-ink">
            <Trans>You can send this again at {time}.</Trans>
          </p>
          <p className="mt-1 text-row text-ink-2">
            {errorText({ ...problem, retryAt: null })} <Trans>Your words are kept.</Trans>
          </p>
          <div className="mt-3 flex flex-wrap gap-2">
            <AgainButton retryAt={retryAt} onClick={resend} />
            <TakeBack exchange={exchange} />
          </div>
        </div>
      </div>
    </div>
  )
}

function TakeBack({ exchange }: { exchange: Outgoing }) {
  const { takeBack } = useActions()
  return (
    <Button size="sm" variant="quiet" onClick={() => takeBack(exchange)}>
      {exchange.user === null ? <Trans>Leave it</Trans> : <Trans>Back to the composer</Trans>}
    </Button>
  )
}
