/** What the model saw: one bar of its window, each part of it, and what had to stay out. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { type Context, useModels } from '@/shared/api'
import { cx, Skeleton } from '@/shared/ui'

import { contextQuery } from '../../api/runs'
import type { Answer } from '../../model/answer'
import { isUnfinished } from '../../model/status'
import { answerTokens, hasPrompt, windowOf, windowUse, type WindowUse } from '../../model/context'
import { formatCount, formatShare } from '../../model/format'
import { Quiet, Section } from './Section'

const KINDS: Record<string, { tone: string; label: ReactNode }> = {
  system: { tone: cx('bg-ink-3'), label: <Trans>Instructions</Trans> },
  pins: { tone: cx('bg-ok/50'), label: <Trans>Pinned</Trans> },
  summary: { tone: cx('bg-reason'), label: <Trans>Summary</Trans> },
  history: { tone: cx('bg-accent'), label: <Trans>Earlier messages</Trans> },
  tools: { tone: cx('bg-tool'), label: <Trans>Tools</Trans> },
  question: { tone: cx('bg-accent/50'), label: <Trans>Question</Trans> },
}

export function ContextTab({ answer }: { answer: Answer }) {
  const isAsked = answer.context === null && answer.runId !== null && hasPrompt(answer.parts.map(({ part }) => part), answer.usage)
  const query = useQuery({ ...contextQuery(answer.runId ?? ''), enabled: isAsked, retry: false })
  const report = answer.context ?? query.data ?? null
  if (report !== null) return <Report report={report} answer={answer} />
  if (query.isLoading) return <Skeleton className="h-3 w-full" />
  return (
    <Quiet>
      <Trans>The prompt of this answer has not been made, or is not kept any more.</Trans>
    </Quiet>
  )
}

interface Piece {
  key: string
  tone: string
  label: ReactNode
  tokens: number
  items?: number
}

/** The parts of the prompt, then the answer; where the window is known also what is kept for it and what is free. */
function piecesOf(report: Context, answer: Answer, use: WindowUse): Piece[] {
  const pieces: Piece[] = report.parts.map(({ kind, tokens, items }) => ({ key: kind, tokens, items, tone: cx('bg-ink-3'), label: kind, ...KINDS[kind] }))
  const said = answerTokens(answer.usage)
  if (said > 0) pieces.push({ key: 'answer', tone: cx('bg-ok'), label: <Trans>Answer</Trans>, tokens: said })
  if (use.window === null) return pieces
  const kept = isUnfinished(answer.status) ? report.reserved_output : 0
  if (kept > 0) pieces.push({ key: 'kept', tone: cx('timeline-wait'), label: <Trans>Kept for the answer</Trans>, tokens: kept })
  const free = Math.max(0, use.window - use.tokens - kept)
  return [...pieces, { key: 'free', tone: cx('bg-line'), label: <Trans>Free</Trans>, tokens: free }]
}

function Report({ report, answer }: { report: Context; answer: Answer }) {
  const { data: models } = useModels()
  const window = windowOf(report, models?.items.find(({ id }) => id === answer.model))
  const use = windowUse({ context: report, usage: answer.usage, window })
  const pieces = piecesOf(report, answer, use)
  const whole = Math.max(1, window ?? use.tokens)
  return (
    <>
      <Figure use={use} planned={report.window} />
      <div aria-hidden className="flex h-3 gap-px overflow-hidden rounded-badge bg-line">
        {pieces.map(({ key, tone, tokens }) => (
          <span key={key} className={cx('min-w-[2px]', tone)} style={{ width: `${String((tokens / whole) * 100)}%` }} />
        ))}
      </div>
      <Section>
        <ul>
          {pieces.map(({ key, ...piece }) => (
            <Row key={key} {...piece} />
          ))}
        </ul>
      </Section>
      {report.left_out.pictures > 0 && (
        <p className="rounded-control bg-warn-soft px-3 py-2 text-row text-warn">
          <Plural value={report.left_out.pictures} one="# picture was not shown to the model" other="# pictures were not shown to the model" />
        </p>
      )}
      {report.left_out.messages > 0 && (
        <p className="rounded-control bg-warn-soft px-3 py-2 text-row text-warn">
          <Plural value={report.left_out.messages} one="# earlier message left out" other="# earlier messages left out" />
        </p>
      )}
    </>
  )
}

/** How full the window is, the same figure as below the composer; tokens alone where the model does not tell its window. */
function Figure({ use: { tokens, window, share }, planned }: { use: WindowUse; planned: number }) {
  const { i18n } = useLingui()
  const used = formatCount(tokens, i18n.locale)
  const size = formatCount(window ?? planned, i18n.locale)
  if (share === null) {
    return (
      <div>
        <p className="text-title text-ink">
          <Trans>{used} tokens</Trans>
        </p>
        <Quiet>
          <Trans>Window unknown: this model does not tell how much it reads. Coda plans with {size} tokens.</Trans>
        </Quiet>
      </div>
    )
  }
  return (
    <div>
      <p className="text-title text-ink">{formatShare(share, i18n.locale)}</p>
      <Quiet>
        <Trans>
          {used} of {size} tokens
        </Trans>
      </Quiet>
    </div>
  )
}

function Row({ tone, label, items, tokens }: { tone: string; label: ReactNode; items?: number; tokens: number }) {
  const { i18n } = useLingui()
  return (
    <li className="flex h-[30px] items-center gap-2.5 text-row">
      <span aria-hidden className={cx('size-2.5 flex-none rounded-[3px]', tone)} />
      <span className="min-w-0 flex-1 text-ink-2">
        {label}
        {items !== undefined && items > 1 && <span className="ml-1.5 text-ink-3">× {items}</span>}
      </span>
      <span className="text-ink">{formatCount(tokens, i18n.locale)}</span>
    </li>
  )
}
