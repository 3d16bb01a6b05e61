/** An answer: the rail with its marks, the words, how it ended, and its figures. */
import './answer.css'

import { Trans } from '@lingui/react/macro'
import { memo, useMemo, useState } from 'react'

import { Markdown } from '@/shared/markdown'
import { CodaSign, cx } from '@/shared/ui'

import { useRunState } from '../../hooks/useDesk'
import { answerOf, type Answer, type AnswerPart } from '../../model/answer'
import type { Message, NoticePart } from '../../model/message'
import { sectionsOf, type Section } from '../../model/steps'
import { useActions } from '../actions'
import { AnswerFooter } from './AnswerFooter'
import { Ending } from './Ending'
import { useErrorWords } from './errorWords'
import { Notice, Steer } from './Notice'
import { StepGroup } from './StepGroup'

export const AnswerBlock = memo(function AnswerBlock({ message }: { message: Message }) {
  const run = useRunState(message.run_id)
  const answer = useMemo(() => answerOf(message, run), [message, run])
  const isLive = answer.status === 'queued' || answer.status === 'streaming'
  const [sawLive, setSawLive] = useState(isLive)
  if (isLive && !sawLive) setSawLive(true)

  const { body, failure } = useMemo(() => partOff(answer), [answer])
  const sections = useMemo(() => sectionsOf(body), [body])
  const last = sections.length - 1
  const endsWell = answer.status === 'complete'
  return (
    <article className="answer" aria-busy={isLive} data-answer={message.id}>
      <div className={cx('relative pb-1', (sections.length > 0 || isLive) && 'answer-line')} data-ended={endsWell ? '' : undefined}>
        {sections.map((section, index) => (
          <SectionView key={section.key} section={section} isLive={isLive} isLast={index === last} />
        ))}
        {isLive && <LiveTip answer={answer} isEmpty={sections.length === 0} />}
        {!isLive && <AnswerEnding message={message} answer={answer} failure={failure} />}
      </div>
      <AnswerFooter
        message={message}
        answer={answer}
        isLive={isLive}
        sign={endsWell && <CodaSign size={16} drawn={sawLive} className="text-accent" />}
      />
    </article>
  )
})

/** A failed answer's last notice is the reason for its end, and shown as such. */
function partOff(answer: Answer): { body: readonly AnswerPart[]; failure: NoticePart | null } {
  const last = answer.parts.at(-1)?.part
  if (answer.status !== 'failed' || last?.type !== 'notice') return { body: answer.parts, failure: null }
  return { body: answer.parts.slice(0, -1), failure: last }
}

function SectionView({ section, isLive, isLast }: { section: Section; isLive: boolean; isLast: boolean }) {
  if (section.kind === 'steps') return <StepGroup steps={section.steps} isLive={isLive} />
  const { part, isOpen } = section.part
  if (part.type === 'notice') return <Notice part={part} />
  if (part.type === 'steer') return <Steer text={part.text} />
  if (part.type !== 'text') return null
  return (
    <div className="pt-1 pb-2">
      <Markdown text={part.text} isLive={isLive && isOpen && isLast} />
    </div>
  )
}

/** The end of the line while it grows. Before anything has come it stands for the answer. */
function LiveTip({ answer, isEmpty }: { answer: Answer; isEmpty: boolean }) {
  if (!isEmpty) return <span aria-hidden className="answer-tip animate-breathe" />
  return (
    <div className="answer-row text-ui text-ink-3">
      <span aria-hidden className="answer-mark">
        <span className="size-2 animate-breathe rounded-full bg-accent" />
      </span>
      {answer.status === 'queued' ? <Trans>Sent</Trans> : <Trans>Reading the question</Trans>}
    </div>
  )
}

function AnswerEnding({ message, answer, failure }: { message: Message; answer: Answer; failure: NoticePart | null }) {
  const { repeat } = useActions()
  const wordsOf = useErrorWords()
  if (answer.status === 'stopped') {
    return (
      <Ending mark="stopped">
        <Trans>Stopped. What was written stays.</Trans>
      </Ending>
    )
  }
  if (answer.status === 'waiting') {
    return (
      <Ending mark="wait">
        <Trans>Waiting for a decision.</Trans>
      </Ending>
    )
  }
  if (answer.status !== 'failed') return null
  const code = failure?.code ?? 'runs.failed'
  return (
    <Ending mark="failed" code={code} traceId={answer.traceId} onRetry={repeat === null ? undefined : () => repeat(message)}>
      {wordsOf(code, failure?.message ?? '')}
    </Ending>
  )
}
