/** Neighbouring rows of work; more than four finished ones fold into one. */
import { Plural } from '@lingui/react/macro'
import { useLingui } from '@lingui/react/macro'
import { useState } from 'react'

import type { AnswerPart } from '../../model/answer'
import { formatDuration } from '../../model/format'
import { foldSteps, stepDuration } from '../../model/steps'
import { ReasoningRow } from './ReasoningRow'
import { StepRow } from './StepRow'
import { ToolRow } from './ToolRow'

export function StepGroup({ steps, isLive }: { steps: AnswerPart[]; isLive: boolean }) {
  // Rows that were seen coming stay where they are when the answer is done.
  const [sawLive, setSawLive] = useState(isLive)
  if (isLive && !sawLive) setSawLive(true)
  const { folded, shown } = foldSteps(steps, sawLive)
  return (
    <>
      {folded.length > 0 && <FoldedSteps steps={folded} />}
      {shown.map((step) => (
        <Step key={step.key} step={step} />
      ))}
    </>
  )
}

function Step({ step }: { step: AnswerPart }) {
  if (step.part.type === 'reasoning') return <ReasoningRow step={step} part={step.part} />
  if (step.part.type === 'tool_call') return <ToolRow step={step} part={step.part} />
  return null
}

function FoldedSteps({ steps }: { steps: AnswerPart[] }) {
  const { i18n } = useLingui()
  const total = steps.reduce((sum, step) => sum + stepDuration(step), 0)
  return (
    <StepRow mark="fold" words={<Plural value={steps.length} one="# step" other="# steps" />} time={formatDuration(total, i18n.locale)}>
      {() => steps.map((step) => <Step key={step.key} step={step} />)}
    </StepRow>
  )
}
