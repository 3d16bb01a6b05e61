/** A question that the server did not take: why, and what to do. Its text goes back to the composer on request. */
import './answer.css'

import { Trans } from '@lingui/react/macro'

import { Button } from '@/shared/ui'

import type { Outgoing } from '../../model/outgoing'
import { useActions } from '../actions'
import { Ending } from './Ending'
import { useRunErrorText } from '../../hooks/useRunErrorText'

export function UnsentQuestion({ exchange }: { exchange: Outgoing }) {
  const errorText = useRunErrorText()
  const { resend, withdraw } = useActions()
  const { code, message } = exchange.error ?? { code: '', message: '' }
  return (
    <div className="answer">
      <Ending mark="failed" code={code} onRetry={resend}>
        {errorText(code, message)}
      </Ending>
      <Button size="sm" variant="quiet" onClick={() => withdraw(exchange)}>
        {exchange.user === null ? <Trans>Leave it</Trans> : <Trans>Back to the composer</Trans>}
      </Button>
    </div>
  )
}
