/** An answer that failed: why, and the ways on. Another model first, since the same one often fails again. */
import { Trans } from '@lingui/react/macro'
import { Shuffle } from 'lucide-react'

import { type NoticePart, useModels } from '@/shared/api'
import { modelInstead } from '@/shared/lib/modelChoice'
import { Button } from '@/shared/ui'

import { useRunErrorText } from '../../hooks/useRunErrorText'
import type { Answer } from '../../model/answer'
import { helpsAnotherModel, problemOfFailure } from '../../model/failure'
import type { Message } from '../../model/message'
import { useActions } from '../actions'
import { ContinueButton } from './ContinueButton'
import { Ending } from './Ending'

interface FailedEndingProps {
  message: Message
  answer: Answer
  failure: NoticePart | null
  /** The run that may go on with what was said before the failure. */
  cutRunId: string | null
  onRetry: (() => void) | undefined
}

export function FailedEnding({ message, answer, failure, cutRunId, onRetry }: FailedEndingProps) {
  const errorText = useRunErrorText()
  const problem = problemOfFailure(message, failure)
  const ours = errorText(problem)
  const { code, message: words, retryAt } = problem
  return (
    <Ending
      mark="failed"
      said={words === ours ? undefined : words}
      code={code}
      traceId={answer.traceId}
      action={
        <>
          {onRetry !== undefined && helpsAnotherModel(code) && <OtherModel message={message} failedModel={answer.model} />}
          {cutRunId !== null && <ContinueButton runId={cutRunId} retryAt={retryAt} />}
        </>
      }
      onRetry={onRetry}
      retryAt={retryAt}
    >
      {ours}
    </Ending>
  )
}

function OtherModel({ message, failedModel }: { message: Message; failedModel: string | null }) {
  const { repeat } = useActions()
  const { data: models } = useModels()
  const other = modelInstead(models?.items ?? [], failedModel)
  if (other === null || repeat === null) return null
  const { name } = other
  return (
    <Button size="sm" variant="primary" onClick={() => repeat(message, other.id)}>
      <Shuffle aria-hidden />
      <span className="max-w-60 truncate">
        <Trans>Answer with {name}</Trans>
      </span>
    </Button>
  )
}
