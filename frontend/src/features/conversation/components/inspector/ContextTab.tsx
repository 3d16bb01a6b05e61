/** What the model saw: one bar of its window, each part of it, and what had to stay out. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import type { Context } from '@/shared/api'
import { cx, Skeleton } from '@/shared/ui'

import { contextQuery } from '../../api/runs'
import type { Answer } from '../../model/answer'
import { usedTokens } from '../../model/context'
import { formatCount, formatPercent } from '../../model/format'
import { Quiet, Section } from './Section'

const KINDS: Record<string, { tone: string; label: ReactNode }> = {
  system: { tone: cx('bg-ink-3'), label: <Trans>Instructions</Trans> },
  pins: { tone: cx('bg-ok'), label: <Trans>Pinned</Trans> },
  summary: { tone: cx('bg-reason'), label: <Trans>Summary</Trans> },
  history: { tone: cx('bg-accent'), label: <Trans>Earlier messages</Trans> },
  tools: { tone: cx('bg-tool'), label: <Trans>Tools</Trans> },
  question: { tone: cx('bg-accent/50'), label: <Trans>Question</Trans> },
}

export function ContextTab({ answer }: { answer: Answer }) {
  const isKnown = answer.context !== null
  const query = useQuery({ ...contextQuery(answer.runId ?? ''), enabled: !isKnown && answer.runId !== null && !answer.id.startsWith('pending-'), retry: false })
  const report = answer.context ?? query.data ?? null
  if (report !== null) return <Report report={report} />
  if (query.isLoading) return <Skeleton className="h-3 w-full" />
  return (
    <Quiet>
      <Trans>The prompt of this answer has not been made, or is not kept any more.</Trans>
    </Quiet>
  )
}

function Report({ report }: { report: Context }) {
  const { i18n } = useLingui()
  const used = usedTokens(report)
  const free = Math.max(0, report.window - used - report.reserved_output)
  const share = (tokens: number) => `${String(report.window > 0 ? (tokens / report.window) * 100 : 0)}%`
  const usedText = formatCount(used, i18n.locale)
  const windowText = formatCount(report.window, i18n.locale)
  return (
    <>
      <div>
        <p className="text-title text-ink">{formatPercent(report.window > 0 ? used / report.window : 0, i18n.locale)}</p>
        <Quiet>
          <Trans>
            {usedText} of {windowText} tokens
          </Trans>
        </Quiet>
      </div>
      <div aria-hidden className="flex h-3 gap-px overflow-hidden rounded-badge bg-line">
        {report.parts.map(({ kind, tokens }) => (
          <span key={kind} className={cx('min-w-[2px]', KINDS[kind]?.tone ?? 'bg-ink-3')} style={{ width: share(tokens) }} />
        ))}
        <span className="timeline-wait" style={{ width: share(report.reserved_output) }} />
      </div>
      <Section>
        <ul>
          {report.parts.map(({ kind, tokens, items }) => (
            <Row key={kind} tone={KINDS[kind]?.tone ?? 'bg-ink-3'} label={KINDS[kind]?.label ?? kind} items={items} tokens={tokens} />
          ))}
          <Row tone={cx('timeline-wait')} label={<Trans>Kept for the answer</Trans>} tokens={report.reserved_output} />
          <Row tone={cx('bg-line')} label={<Trans>Free</Trans>} tokens={free} />
        </ul>
      </Section>
      {report.left_out.messages > 0 && (
        <p className="rounded-control bg-warn-soft px-3 py-2 text-row text-warn">
          <Plural value={report.left_out.messages} one="# earlier message left out" other="# earlier messages left out" />
        </p>
      )}
    </>
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
