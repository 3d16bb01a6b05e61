/** An answer: the rail with its marks, the words, how it ended, and its figures. */
import './answer.css'

import { Trans } from '@lingui/react/macro'
import { lazy, memo, Suspense, useMemo, useState } from 'react'

import type { NoticePart, Run, ToolCallPart } from '@/shared/api'
import { Markdown } from '@/shared/markdown'
import { useConnection } from '@/shared/stream'
import { CodaSign, cx } from '@/shared/ui'

import { useRun, useRunState } from '../../hooks/useRuntime'
import { answerOf, type Answer, type AnswerPart } from '../../model/answer'
import { isCut, isUsedUp, withoutPassedCuts } from '../../model/truncation'
import { isPending, type Message, type Part } from '../../model/message'
import { sectionsOf, type Section } from '../../model/steps'
import { waitsFor, type WaitsFor } from '../../model/waitsFor'
import { useActions } from '../actions'
import { AnswerFooter } from './AnswerFooter'
import { Ending } from './Ending'
import { FailedEnding } from './FailedEnding'
import { Mark } from './Mark'
import { Notice, Steer } from './Notice'
import { PendingSteers } from './PendingSteers'
import { StepGroup } from './StepGroup'
import { AskForRestButton, ContinueButton } from './ContinueButton'

// Few answers ever ask.
const Approval = lazy(() => import('./approval/Approval'))

export const AnswerBlock = memo(function AnswerBlock({ message }: { message: Message }) {
  const run = useRunState(message.run_id)
  const answer = useMemo(() => answerOf(message, run), [message, run])
  const isLive = answer.status === 'queued' || answer.status === 'streaming'
  const serverRun = useRun(isUnfinished(answer) && !isPending(message) ? message.run_id : null)
  const [sawLive, setSawLive] = useState(isLive)
  if (isLive && !sawLive) setSawLive(true)

  const endsWell = answer.status === 'complete'
  return (
    <article className="answer" aria-busy={isLive} data-answer={message.id}>
      <AnswerLine message={message} answer={answer} isLive={isLive} serverRun={serverRun} waitingFor={waitsFor(run, serverRun)} />
      <AnswerFooter
        message={message}
        answer={answer}
        isLive={isLive}
        isPaused={isPaused(serverRun)}
        sign={endsWell && <CodaSign size={16} drawn={sawLive} className="text-accent" />}
      />
    </article>
  )
})

const isUnfinished = ({ status }: Answer): boolean => status === 'queued' || status === 'streaming' || status === 'waiting'
const isPaused = (run: Run | null): boolean => run?.paused === true

interface AnswerLineProps {
  message: Message
  answer: Answer
  isLive: boolean
  serverRun: Run | null
  waitingFor: WaitsFor
}

/** Everything that the rail runs beside. */
function AnswerLine({ message, answer, isLive, serverRun, waitingFor }: AnswerLineProps) {
  const { body, failure, asked, isEnding } = useMemo(() => splitEnding(answer, waitingFor), [answer, waitingFor])
  const sections = useMemo(() => sectionsOf(body), [body])
  const last = sections.length - 1
  const hasLine = sections.length > 0 || answer.status !== 'complete'
  return (
    <div className={cx('relative pb-1', hasLine && 'answer-line')} data-ended={answer.status === 'complete' ? '' : undefined}>
      {sections.map((section, index) => (
        <SectionView key={section.key} section={section} isLive={isLive} isLast={index === last} />
      ))}
      <PendingSteers answer={answer} serverRun={serverRun} />
      {isLive && <LiveTip answer={answer} isEmpty={sections.length === 0} isSent={!isPending(message)} serverRun={serverRun} />}
      {asked.length > 0 && (
        <Suspense fallback={null}>
          <Approval runId={message.run_id ?? ''} calls={asked} />
        </Suspense>
      )}
      {isEnding && <AnswerEnding message={message} answer={answer} failure={failure} />}
    </div>
  )
}

interface EndingParts {
  body: readonly AnswerPart[]
  failure: NoticePart | null
  asked: readonly ToolCallPart[]
  /** Something is to be said of how it ended, or of what it waits for. */
  isEnding: boolean
}

/** A failed answer's last notice is the reason for its end, calls that wait for a decision are its end: both are shown as such. */
function splitEnding(answer: Answer, waitingFor: WaitsFor): EndingParts {
  const { status } = answer
  const parts = withoutPassedCuts(answer)
  const last = parts.at(-1)?.part
  if (status === 'failed' && last?.type === 'notice') return { body: parts.slice(0, -1), failure: last, asked: [], isEnding: true }
  const asked = parts.flatMap(({ part }) => (isAsked(part) ? [part] : []))
  if (asked.length === 0) return { body: parts, failure: null, asked, isEnding: status !== 'queued' && status !== 'streaming' }
  if (waitingFor === 'program') return { body: parts.map(leftToProgram), failure: null, asked: [], isEnding: false }
  const body = parts.filter(({ part }) => !isAsked(part))
  return { body, failure: null, asked: waitingFor === 'person' ? asked : [], isEnding: false }
}

/** A call that the program makes is a step like others: nothing is asked of whoever looks. */
const leftToProgram = (step: AnswerPart): AnswerPart => (isAsked(step.part) ? { ...step, isLeftToProgram: true } : step)

function isAsked(part: Part): part is ToolCallPart {
  return part.type === 'tool_call' && part.status === 'waiting'
}

interface SectionViewProps {
  section: Section
  isLive: boolean
  isLast: boolean
}

function SectionView({ section, isLive, isLast }: SectionViewProps) {
  if (section.kind === 'steps') return <StepGroup steps={section.steps} isLive={isLive} />
  const { part, isOpen } = section.part
  if (part.type === 'notice') return <Notice part={part} />
  if (part.type === 'steer') return <Steer part={part} />
  if (part.type !== 'text') return null
  return (
    <div className="pt-1 pb-2">
      <Markdown text={part.text} isLive={isLive && isOpen && isLast} />
    </div>
  )
}

/** The end of the line while it grows. Before anything has come it stands for the answer; a pause is told by words. */
function LiveTip({ answer, isEmpty, isSent, serverRun }: { answer: Answer; isEmpty: boolean; isSent: boolean; serverRun: Run | null }) {
  if (isPaused(serverRun)) return <Paused />
  if (!isEmpty) return <span aria-hidden className="answer-tip animate-breathe" />
  return (
    <div className="answer-row answer-end text-ui text-ink-3">
      <span aria-hidden className="answer-mark">
        <span className="size-2 animate-breathe rounded-full bg-accent" />
      </span>
      {isSent ? <Beginning answer={answer} serverRun={serverRun} /> : <Sending />}
    </div>
  )
}

function Beginning({ answer, serverRun }: { answer: Answer; serverRun: Run | null }) {
  if (answer.status !== 'queued') return <Trans>Reading the question</Trans>
  const position = serverRun?.queue?.position
  return position === undefined ? <Trans>Sent</Trans> : <Trans>Busy, position {position}</Trans>
}

/** The server does not have it yet. */
function Sending() {
  const isOnline = useConnection().phase === 'online'
  return isOnline ? <Trans>Sending</Trans> : <Trans>Goes out when the connection is back</Trans>
}

/** `isHalted`: the pause has ended the run; nothing works any more, and the answer waits as long as it takes. */
function Paused({ isHalted = false }: { isHalted?: boolean }) {
  return (
    <div className="answer-row answer-end gap-2.5 py-1.5 text-ui">
      <Mark kind="wait" />
      <p className="font-medium text-ink">
        <Trans>Paused</Trans>
      </p>
      <p className="min-w-0 text-ink-2">{isHalted ? <Trans>The answer goes on from here, whenever you want.</Trans> : <Trans>What comes next is held back.</Trans>}</p>
    </div>
  )
}

function AnswerEnding({ message, answer, failure }: { message: Message; answer: Answer; failure: NoticePart | null }) {
  const { cutRunId, continueRun, onRetry } = useContinuation(message, answer)
  switch (answer.status) {
    case 'waiting':
      return <Paused isHalted />
    case 'stopped':
      return (
        <Ending mark="stopped" action={continueRun} onRetry={onRetry}>
          {isUsedUp(answer) ? <Trans>What was written stays.</Trans> : <Trans>Stopped. What was written stays.</Trans>}
        </Ending>
      )
    case 'failed':
      return <FailedEnding message={message} answer={answer} failure={failure} cutRunId={cutRunId} onRetry={onRetry} />
    default:
      return continueRun === undefined ? null : <div className="pt-1 pb-2">{continueRun}</div>
  }
}

function useContinuation(message: Message, answer: Answer) {
  const { repeat, askForRest, lastAnswerId } = useActions()
  const runId = message.run_id
  if (repeat === null || runId === null) return { cutRunId: null }
  const onRetry = () => repeat(message)
  if (lastAnswerId !== message.id) return { cutRunId: null, onRetry }
  if (isUsedUp(answer)) return { cutRunId: null, onRetry, continueRun: askForRest === null ? undefined : <AskForRestButton onAsk={askForRest} /> }
  const cutRunId = isCut(answer) ? runId : null
  return { cutRunId, onRetry, continueRun: cutRunId === null ? undefined : <ContinueButton runId={cutRunId} /> }
}
