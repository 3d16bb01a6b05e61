/** A question that the server did not take: why, and what to do. Its text goes back to the composer on request. */
import './answer.css'

import { Trans } from '@lingui/react/macro'

import { Button } from '@/shared/ui'

import type { Outgoing } from '../../model/exchanges'
import { useActions } from '../actions'
import { Ending } from './Ending'
import { useErrorWords } from './errorWords'

export function Unsent({ exchange }: { exchange: Outgoing }) {
  const wordsOf = useErrorWords()
  const { resend, takeBack } = useActions()
  const { code, message } = exchange.error ?? { code: '', message: '' }
  return (
    <div className="answer">
      <Ending mark="failed" code={code} onRetry={resend}>
        {wordsOf(code, message)}
      </Ending>
      <Button size="sm" variant="quiet" onClick={() => takeBack(exchange)}>
        {exchange.user === null ? <Trans>Leave it</Trans> : <Trans>Back to the composer</Trans>}
      </Button>
    </div>
  )
}
