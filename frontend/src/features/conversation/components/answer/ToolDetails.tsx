/** What went into a tool, what came out, and how it was judged. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'

import type { PartError, ToolCallPart } from '@/shared/api'
import { CopyButton, cx, Tabs } from '@/shared/ui'

import { JsonTree } from './JsonTree'

export function ToolDetails({ part }: { part: ToolCallPart }) {
  const { t } = useLingui()
  const hasResult = part.status === 'done' || part.status === 'failed'
  const [tab, setTab] = useState(hasResult ? 'result' : 'arguments')
  const tabs = [
    { value: 'arguments', label: t`Arguments`, content: <Arguments part={part} /> },
    { value: 'result', label: t`Result`, content: <Result part={part} /> },
    ...(part.evaluation ? [{ value: 'evaluation', label: t`Evaluation`, content: <EvaluationTab part={part} /> }] : []),
  ]
  return (
    <Tabs
      label={t`Tool call`}
      value={tab}
      onValueChange={setTab}
      tabs={tabs}
      className={cx('max-w-(--wide) rounded-code bg-sunken')}
      listClassName={cx('h-9 px-4 max-md:h-11')}
      contentClassName={cx('max-h-80 overflow-auto')}
    />
  )
}

function Arguments({ part }: { part: ToolCallPart }) {
  if (part.arguments_text !== undefined) return <Raw text={part.arguments_text} />
  return <Value value={part.arguments} />
}

function Result({ part }: { part: ToolCallPart }) {
  if (part.status === 'failed') return <Failure error={part.error} />
  if (part.status !== 'done') {
    return (
      <p className="p-4 text-row text-ink-2">
        <Trans>There is no result yet.</Trans>
      </p>
    )
  }
  return <Value value={part.result} />
}

function Failure({ error }: { error: PartError | null }) {
  const { t } = useLingui()
  const { code, message, details } = (error ?? {}) as Partial<PartError>
  return (
    <div className="p-4 text-row">
      <p dir="auto" className="text-danger">{message ?? t`The tool failed without saying why.`}</p>
      {code !== undefined && <p className="mt-1 font-mono text-badge font-normal text-ink-3">{code}</p>}
      {details !== undefined && Object.keys(details).length > 0 && <JsonTree value={details} />}
    </div>
  )
}

const VERDICTS = {
  ok: <Trans>The result is valid.</Trans>,
  doubtful: <Trans>The result is doubtful.</Trans>,
  failed: <Trans>The result is not valid.</Trans>,
}

function EvaluationTab({ part }: { part: ToolCallPart }) {
  const { verdict = '', reason, attempts = 1, cached = false } = part.evaluation ?? {}
  return (
    <div className="space-y-1 p-4 text-row text-ink-2">
      <p className="font-medium text-ink">{VERDICTS[verdict as keyof typeof VERDICTS] ?? verdict}</p>
      {reason && <p dir="auto">{reason}</p>}
      {attempts > 1 && (
        <p>
          <Trans>It took {attempts} tries.</Trans>
        </p>
      )}
      {cached && (
        <p>
          <Trans>It was kept from an earlier call with the same arguments.</Trans>
        </p>
      )}
    </div>
  )
}

function Value({ value }: { value: unknown }) {
  return (
    <div className="relative py-3 pr-12 pl-4">
      <JsonTree value={value} />
      <CopyButton text={() => JSON.stringify(value, null, 2)} className="absolute top-1 right-1" />
    </div>
  )
}

function Raw({ text }: { text: string }) {
  return <pre dir="auto" className="p-4 font-mono text-code wrap-anywhere whitespace-pre-wrap">{text}</pre>
}
