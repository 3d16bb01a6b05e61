/** Tool calls that wait for a person, in one card: what would run, with what, for how long it is allowed, and the decision. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Check } from 'lucide-react'
import { useState } from 'react'

import { type ToolCallPart, toolsQuery, useMay } from '@/shared/api'
import { formatDateTime } from '@/shared/lib/format'
import { Button, cx, Input, Select } from '@/shared/ui'

import { useRun, useRunState } from '../../../hooks/useRuntime'
import { Mark } from '../Mark'
import { CallQuestion } from './CallQuestion'
import { type Remember, rememberFor } from './remember'
import { useCallText } from './useCallText'
import { useDecisions } from './useDecisions'

export default function Approval({ runId, calls }: { runId: string; calls: readonly ToolCallPart[] }) {
  const { t } = useLingui()
  const { data } = useQuery(toolsQuery())
  const textOf = useCallText()
  const mayDecide = useMay('runs:write')
  const decisions = useDecisions(runId, calls)
  const toolOf = ({ name }: ToolCallPart) => data?.items.find((tool) => tool.name === name)
  const isBatch = calls.length > 1
  const [first] = calls
  const title = first === undefined ? '' : textOf(first, toolOf(first)).title
  const count = calls.length
  const label = isBatch ? t`Allow these ${count} calls to run?` : t`Allow ${title} to run?`
  return (
    <div className="space-y-3 py-1.5">
      <section aria-label={label} className="relative pt-2">
        <Mark kind="wait" />
        <div className="-mt-2 max-w-(--prose) divide-y divide-line rounded-block border border-tool surface-raised">
          {isBatch && <h3 className="px-4 py-3 text-ui font-medium text-ink">{label}</h3>}
          {calls.map((call) => (
            <CallQuestion
              key={call.id}
              call={call}
              tool={toolOf(call)}
              choice={isBatch ? { isWanted: decisions.wanted.includes(call), onWant: (isWanted) => decisions.want(call.id, isWanted) } : null}
              mayEdit={mayDecide && decisions.sent === null}
              onChange={(values) => decisions.edit(call.id, values)}
            />
          ))}
          <div className="px-4 py-2.5">
            {mayDecide ? (
              <Decision decisions={decisions} total={count} choices={rememberFor(decisions.wanted.map(toolOf))} />
            ) : (
              <p className="text-ui text-ink-2">
                <Trans>You can read here. Ask an administrator to decide.</Trans>
              </p>
            )}
          </div>
        </div>
      </section>
      <Until runId={runId} />
    </div>
  )
}

function Until({ runId }: { runId: string }) {
  const { i18n } = useLingui()
  const run = useRunState(runId)
  const serverRun = useRun(runId)
  const expiresAt = run?.interrupts[0]?.expiresAt ?? serverRun?.interrupts?.[0]?.expires_at ?? null
  const time = expiresAt === null ? null : formatDateTime(expiresAt, i18n.locale)
  return (
    <p className="max-w-(--prose) text-row text-ink-3">
      {time === null ? <Trans>Nothing runs until you decide.</Trans> : <Trans>Nothing runs until you decide. Without a decision by {time} the answer ends.</Trans>}
    </p>
  )
}

interface DecisionProps {
  decisions: ReturnType<typeof useDecisions>
  total: number
  choices: readonly Remember[]
}

function Decision({ decisions, total, choices }: DecisionProps) {
  const [isDeclining, setDeclining] = useState(false)
  const [reason, setReason] = useState('')
  const [chosen, setChosen] = useState<Remember | null>(null)
  const remember = chosen !== null && choices.includes(chosen) ? chosen : null
  const approved = decisions.wanted.length
  if (decisions.sent !== null) return <Sent decision={decisions.sent} isSending={decisions.isSending} />
  if (isDeclining) return <Decline reason={reason} onReason={setReason} onBack={() => setDeclining(false)} onDecline={() => decisions.decline(reason.trim())} />
  return (
    <div className="flex flex-wrap items-center gap-2">
      {approved > 0 && approved < total && <ReasonInput reason={reason} onReason={setReason} />}
      <Button variant="primary" disabled={!decisions.isValid} onClick={() => decisions.approve(reason.trim(), remember)}>
        <ApproveLabel approved={approved} total={total} isChanged={decisions.isChanged} />
      </Button>
      <Button onClick={() => setDeclining(true)}>{total > 1 ? <Trans>Decline all</Trans> : <Trans>Decline</Trans>}</Button>
      <span className="flex-1" />
      {choices.length > 0 && <RememberSelect choices={choices} value={remember} onChange={setChosen} />}
    </div>
  )
}

function ApproveLabel({ approved, total, isChanged }: { approved: number; total: number; isChanged: boolean }) {
  if (total === 1) return isChanged ? <Trans>Approve with changes</Trans> : <Trans>Approve</Trans>
  return <Plural value={approved} one="Approve # call" other="Approve # calls" />
}

interface RememberSelectProps {
  choices: readonly Remember[]
  value: Remember | null
  onChange: (value: Remember | null) => void
}

function RememberSelect({ choices, value, onChange }: RememberSelectProps) {
  const { t } = useLingui()
  const names: Record<Remember, string> = { session: t`Always allow in this chat`, me: t`Always allow for me` }
  return (
    <Select aria-label={t`Next time`} value={value ?? ''} className={cx('max-md:basis-full')} onChange={(event) => onChange(event.target.value === '' ? null : (event.target.value as Remember))}>
      <option value="">{t`Ask again next time`}</option>
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {names[choice]}
        </option>
      ))}
    </Select>
  )
}

interface ReasonProps {
  reason: string
  onReason: (reason: string) => void
}

function ReasonInput({ reason, onReason, isFirst = false }: ReasonProps & { isFirst?: boolean }) {
  const { t } = useLingui()
  return (
    <Input
      aria-label={t`Reason`}
      placeholder={isFirst ? t`Reason, which the agent reads` : t`Why not the others? The agent reads it`}
      value={reason}
      maxLength={2000}
      // Opened by the person's own press, so the caret is expected here.
      autoFocus={isFirst}
      onChange={(event) => onReason(event.target.value)}
      className={cx('min-w-48', isFirst ? 'flex-1 max-md:basis-full' : 'basis-full')}
    />
  )
}

interface DeclineProps extends ReasonProps {
  onBack: () => void
  onDecline: () => void
}

function Decline({ reason, onReason, onBack, onDecline }: DeclineProps) {
  return (
    <form
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        onDecline()
      }}
    >
      <ReasonInput reason={reason} onReason={onReason} isFirst />
      <Button type="submit">
        <Trans>Decline</Trans>
      </Button>
      <Button variant="quiet" onClick={onBack}>
        <Trans>Back</Trans>
      </Button>
    </form>
  )
}

function Sent({ decision, isSending }: { decision: 'approve' | 'reject'; isSending: boolean }) {
  return (
    <p className="flex min-h-[34px] items-center gap-2 text-ui text-ink-2" aria-busy={isSending}>
      <Check aria-hidden />
      {decision === 'approve' ? <Trans>Approved</Trans> : <Trans>Declined</Trans>}
    </p>
  )
}
