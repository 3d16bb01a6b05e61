/** Tool calls that wait for a person: what would run, with what, and the decision. All are decided at once. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Check, Pencil } from 'lucide-react'
import { useState } from 'react'

import { type ToolCallPart, type ToolDecision, useMay } from '@/shared/api'
import { isRecord } from '@/shared/lib/records'
import { Button, cx, ErrorLine, Input, Textarea } from '@/shared/ui'

import { useToolDecisions } from '../../hooks/useRunControls'
import { JsonTree } from './JsonTree'
import { Mark } from './Mark'
import { useToolText } from './toolWords'

type Made = Readonly<Record<string, ToolDecision>>

export default function Approval({ runId, calls }: { runId: string; calls: readonly ToolCallPart[] }) {
  const [made, setMade] = useState<Made>({})
  const { mutate, isPending } = useToolDecisions(runId)
  const missing = calls.filter(({ id }) => made[id] === undefined).length

  const decide = (decision: ToolDecision) => {
    const all = { ...made, [decision.tool_call_id]: decision }
    setMade(all)
    const decisions = calls.flatMap(({ id }) => all[id] ?? [])
    // The last decision sends them all.
    if (decisions.length === calls.length) mutate(decisions, { onError: () => setMade({}) })
  }
  return (
    <div className="space-y-3 py-1.5">
      {calls.map((call) => (
        <CallCard key={call.id} call={call} made={made[call.id] ?? null} isSending={isPending} onDecide={decide} />
      ))}
      <p className="max-w-(--prose) text-row text-ink-3">
        {calls.length > 1 && missing > 0 && (
          <>
            <Plural value={missing} one="# decision is missing; they go out together." other="# decisions are missing; they go out together." />{' '}
          </>
        )}
        <Trans>Nothing runs until you decide, however long that takes.</Trans>
      </p>
    </div>
  )
}

interface CallCardProps {
  call: ToolCallPart
  made: ToolDecision | null
  isSending: boolean
  onDecide: (decision: ToolDecision) => void
}

function CallCard({ call, made, isSending, onDecide }: CallCardProps) {
  const { t } = useLingui()
  const { name } = call
  const { title, purpose } = useToolText(name)
  const mayDecide = useMay('runs:write')
  const [mode, setMode] = useState<'look' | 'edit' | 'decline'>('look')
  const [text, setText] = useState(() => JSON.stringify(call.arguments, null, 2))
  const changed = readObject(text)
  const isChanged = JSON.stringify(changed) !== JSON.stringify(call.arguments)
  const approve = () => {
    if (changed === null) return
    setMode('look')
    onDecide({ tool_call_id: call.id, decision: 'approve', ...(isChanged ? { arguments: changed } : {}) })
  }
  return (
    <section aria-label={t`Allow ${title} to run?`} className="relative pt-2">
      <Mark kind="wait" />
      <div className="-mt-2 max-w-(--prose) rounded-block border border-tool surface-raised">
        <h3 className="px-4 pt-3 text-ui font-medium text-ink">
          <Trans>Allow {title} to run?</Trans>
          {title !== name && <code className="ml-2 font-mono text-row font-normal text-ink-3">{name}</code>}
        </h3>
        {purpose !== '' && <p className="px-4 pt-1 text-row text-ink-2">{purpose}</p>}
        <div className="px-4 pt-2 pb-3">
          {mode === 'edit' ? (
            <EditArguments text={text} onChange={setText} isValid={changed !== null} />
          ) : (
            <div className="max-h-60 overflow-auto rounded-code bg-sunken px-3 py-2.5">
              <JsonTree value={changed ?? call.arguments} />
            </div>
          )}
        </div>
        <div className="border-t border-line px-4 py-2.5">
          {!mayDecide ? (
            <p className="text-ui text-ink-2">
              <Trans>You can read here. Ask an administrator to decide.</Trans>
            </p>
          ) : made !== null ? (
            <Made made={made} isSending={isSending} />
          ) : mode === 'decline' ? (
            <Decline
              onBack={() => setMode('look')}
              onDecline={(reason) => onDecide({ tool_call_id: call.id, decision: 'reject', ...(reason === '' ? {} : { reason }) })}
            />
          ) : (
            <div className="flex flex-wrap items-center gap-2">
              <Button variant="primary" disabled={changed === null} onClick={approve}>
                {isChanged ? <Trans>Approve with changes</Trans> : <Trans>Approve</Trans>}
              </Button>
              <Button onClick={() => setMode('decline')}>
                <Trans>Decline</Trans>
              </Button>
              <span className="flex-1" />
              <Button variant="quiet" aria-pressed={mode === 'edit'} disabled={changed === null} onClick={() => setMode(mode === 'edit' ? 'look' : 'edit')}>
                <Pencil aria-hidden />
                {mode === 'edit' ? <Trans>Done editing</Trans> : <Trans>Edit</Trans>}
              </Button>
            </div>
          )}
        </div>
      </div>
    </section>
  )
}

function EditArguments({ text, onChange, isValid }: { text: string; onChange: (text: string) => void; isValid: boolean }) {
  const { t } = useLingui()
  return (
    <div className="space-y-1.5">
      <Textarea
        aria-label={t`Arguments`}
        aria-invalid={!isValid || undefined}
        value={text}
        rows={Math.min(12, text.split('\n').length + 1)}
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
        className={cx('font-mono text-code!')}
      />
      {!isValid && (
        <ErrorLine>
          <Trans>This is not a JSON object. Check brackets, quotes and commas.</Trans>
        </ErrorLine>
      )}
    </div>
  )
}

function Decline({ onBack, onDecline }: { onBack: () => void; onDecline: (reason: string) => void }) {
  const { t } = useLingui()
  const [reason, setReason] = useState('')
  return (
    <form
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        onDecline(reason.trim())
      }}
    >
      <Input
        aria-label={t`Reason`}
        placeholder={t`Reason, which the agent reads`}
        value={reason}
        maxLength={2000}
        // Opened by the person's own press, so the caret is expected here.
        autoFocus
        onChange={(event) => setReason(event.target.value)}
        className={cx('min-w-48 flex-1 max-md:basis-full')}
      />
      <Button type="submit">
        <Trans>Decline</Trans>
      </Button>
      <Button variant="quiet" onClick={onBack}>
        <Trans>Back</Trans>
      </Button>
    </form>
  )
}

function Made({ made, isSending }: { made: ToolDecision; isSending: boolean }) {
  return (
    <p className="flex min-h-[34px] items-center gap-2 text-ui text-ink-2" aria-busy={isSending}>
      <Check aria-hidden />
      {made.decision === 'approve' ? <Trans>Approved</Trans> : <Trans>Declined</Trans>}
    </p>
  )
}

function readObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}
