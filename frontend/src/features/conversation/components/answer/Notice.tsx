/** Something the reader should know, as a mark on the rail: a fallback, a limit. */
import { Trans } from '@lingui/react/macro'

import type { NoticePart, SteerPart } from '@/shared/api'

import { modelName } from '../../model/format'
import { useRunErrorText } from '../../hooks/useRunErrorText'
import { Mark, type MarkKind } from './Mark'

const MARKS: Partial<Record<string, MarkKind>> = { 'llm.fallback': 'switch' }

export function Notice({ part }: { part: NoticePart }) {
  return (
    <div className="answer-row py-1.5 text-ui text-ink-2">
      <Mark kind={MARKS[part.code] ?? 'wait'} />
      <p className="max-w-(--prose)">
        <NoticeText part={part} />
      </p>
    </div>
  )
}

function NoticeText({ part }: { part: NoticePart }) {
  const errorText = useRunErrorText()
  const { from, to, reason } = part.details
  if (part.code !== 'llm.fallback' || typeof from !== 'string' || typeof to !== 'string') return errorText(part)
  const successor = modelName(to)
  const first = modelName(from)
  if (reason === 'timeout') return <Trans>Continued on {successor}: {first} did not answer in time.</Trans>
  return <Trans>Continued on {successor}: {first} could not answer.</Trans>
}

export function Steer({ part: { text, read } }: { part: SteerPart }) {
  return (
    <div className="answer-row py-1.5 text-ui text-ink">
      <Mark kind="steer" />
      <p className="max-w-(--prose) min-w-0 wrap-anywhere whitespace-pre-wrap">
        <span dir="auto" className="block">
          {text}
        </span>
        {read === false && (
          <span className="block text-row text-ink-3">
            <Trans>Not read: the answer ended first.</Trans>
          </span>
        )}
      </p>
    </div>
  )
}
