/** The questions queued behind the answer, in their order: to be changed, taken out, or, where they are held, sent. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { ArrowUp, Pencil, X } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'

import { useConnection } from '@/shared/stream'
import { Button, cx, ErrorLine, IconButton } from '@/shared/ui'

import { useQueueControls } from '../../hooks/useRunControls'
import type { Outgoing } from '../../model/outgoing'
import { attachedParts, plainText, type AttachedPart } from '../../model/message'
import { isHeld, type QueuedPath, type QueuedQuestion } from '../../model/queue'
import { useActions } from '../actions'
import { useRunErrorText } from '../../hooks/useRunErrorText'
import { useTooLong } from '../../hooks/useTooLong'
import { AgainButton } from '../answer/AgainButton'
import { GrowingText } from './GrowingText'

/** Loaded with the first question in line that shows something. */
const SmallFiles = lazy(() => import('../attachments/SmallFiles'))

const namesOf = (parts: readonly AttachedPart[]) => parts.map(({ name }) => name).join(', ')

function Files({ parts }: { parts: readonly AttachedPart[] }) {
  return parts.length > 0 && <Suspense><SmallFiles parts={parts} /></Suspense>
}

interface MessageQueueProps {
  queue: QueuedPath
  /** What has not arrived at the server. */
  outgoing: readonly Outgoing[]
  restoreDraft: (text: string) => void
}

export function MessageQueue({ queue, outgoing, restoreDraft }: MessageQueueProps) {
  const { t } = useLingui()
  const held = isHeld(queue)
  const { send } = useQueueControls(restoreDraft)
  const count = queue.waiting.length
  // The others follow it by themselves.
  const first = held && queue.waiting[0]?.question.id !== outgoing[0]?.user?.id ? queue.waiting[0] : undefined
  if (count === 0) return null
  return (
    <section aria-label={t`Questions in line`} className="animate-appear mb-2 overflow-hidden rounded-block border border-line bg-panel">
      <div className="flex items-center gap-3 pt-1.5 pr-1.5 pb-1 pl-3">
        <h2 className="min-w-0 flex-1 text-badge text-ink-2">
          {held ? <Trans>On hold: nothing goes out by itself</Trans> : <Plural value={count} one="Runs next" other="# run next, in this order" />}
        </h2>
        {first !== undefined && (
          <Button size="sm" className="bg-raised!" busy={send.isPending} onClick={() => send.mutate(first.answer.run_id ?? '')}>
            <ArrowUp aria-hidden className="size-3.5!" />
            <Trans>Send now</Trans>
          </Button>
        )}
      </div>
      <ol className="max-h-[30vh] overflow-y-auto pb-1">
        {queue.waiting.map((waiting, index) => (
          <Item
            key={waiting.question.id}
            waiting={waiting}
            index={index}
            unsent={outgoing.find(({ user }) => user?.id === waiting.question.id) ?? null}
            isOnItsWay={outgoing[0]?.user?.id === waiting.question.id}
            restoreDraft={restoreDraft}
          />
        ))}
      </ol>
    </section>
  )
}

interface ItemProps {
  waiting: QueuedQuestion
  index: number
  unsent: Outgoing | null
  isOnItsWay: boolean
  restoreDraft: (text: string) => void
}

function Item({ waiting, index, unsent, isOnItsWay, restoreDraft }: ItemProps) {
  const { t } = useLingui()
  const [isEditing, setEditing] = useState(false)
  const { remove, edit, forget } = useQueueControls(restoreDraft)
  const text = plainText(waiting.question)
  const parts = attachedParts(waiting.question)
  if (unsent?.error != null) return <Refused exchange={unsent} text={text} parts={parts} />
  if (isEditing) {
    return (
      <Edit
        text={text}
        parts={parts}
        index={index}
        onCancel={() => setEditing(false)}
        onSave={(next) => {
          setEditing(false)
          if (next !== text) edit.mutate({ waiting, text: next })
        }}
      />
    )
  }
  const shown = edit.isPending ? edit.variables.text : text
  return (
    <li className="group flex min-h-9 items-center gap-2 pr-1.5 pl-3 text-ui text-ink max-md:min-h-11">
      <Place index={index} />
      <Files parts={parts} />
      <span dir="auto" className="fade-end min-w-0 flex-1" title={shown}>
        {shown === '' ? namesOf(parts) : shown}
      </span>
      {unsent !== null && <NotYetSent onRemove={isOnItsWay ? null : () => forget(unsent)} />}
      {unsent === null && (
        <>
          <IconButton label={t`Edit this question`} icon={<Pencil />} onClick={() => setEditing(true)} />
          <IconButton label={t`Take it out of the line`} icon={<X />} aria-busy={remove.isPending || undefined} disabled={remove.isPending} onClick={() => remove.mutate(waiting)} />
        </>
      )}
    </li>
  )
}

/** Without a connection it is told; what is not on its way can still be taken out. */
function NotYetSent({ onRemove }: { onRemove: (() => void) | null }) {
  const { t } = useLingui()
  const isOnline = useConnection().phase === 'online'
  return (
    <>
      {!isOnline && (
        <span className="flex-none text-row text-ink-3">
          <Trans>not sent yet</Trans>
        </span>
      )}
      {onRemove !== null && <IconButton label={t`Take it out of the line`} icon={<X />} onClick={onRemove} />}
    </>
  )
}

function Place({ index, className }: { index: number; className?: string }) {
  return <span className={cx('w-4 flex-none text-row text-ink-3 tabular-nums', className)}>{index + 1}</span>
}

interface EditProps {
  text: string
  parts: readonly AttachedPart[]
  index: number
  onCancel: () => void
  onSave: (text: string) => void
}

function Edit({ text, parts, index, onCancel, onSave }: EditProps) {
  const { t } = useLingui()
  const [draft, setDraft] = useState(text)
  const tooLong = useTooLong(draft.trim())
  const isUnfit = (draft.trim() === '' && parts.length === 0) || tooLong !== null
  const save = () => {
    if (!isUnfit) onSave(draft.trim())
  }
  return (
    <li className="flex gap-2 py-1 pr-1.5 pl-3">
      <Place index={index} className="pt-[11px]" />
      {/* Its words stay where they stood. */}
      <form
        className="-ml-[13px] min-w-0 flex-1 rounded-control border border-line-strong surface-raised p-2 focus-within:border-accent"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Files parts={parts} />
        <GrowingText label={t`Edit this question`} value={draft} onChange={setDraft} onSend={save} onEscape={onCancel} autoFocus className="px-1 text-ui!" />
        {tooLong !== null && <ErrorLine>{tooLong}</ErrorLine>}
        <div className="mt-1 flex justify-end gap-1">
          <Button size="sm" variant="quiet" onClick={onCancel}>
            <Trans>Cancel</Trans>
          </Button>
          <Button size="sm" type="submit" disabled={isUnfit}>
            <Trans>Save</Trans>
          </Button>
        </div>
      </form>
    </li>
  )
}

/** The server did not take it: why, and where its words go. */
function Refused({ exchange, text, parts }: { exchange: Outgoing; text: string; parts: readonly AttachedPart[] }) {
  const errorText = useRunErrorText()
  const { resend, takeBack } = useActions()
  const problem = exchange.error ?? { code: '', message: '', retryAt: null }
  return (
    <li className="px-3 py-1.5 text-ui">
      <div className="flex items-center gap-2">
        <Files parts={parts} />
        <p dir="auto" className="fade-end min-w-0 text-ink">{text === '' ? namesOf(parts) : text}</p>
      </div>
      <p role="alert" className="text-row text-danger">
        {errorText(problem)}
      </p>
      <div className="mt-1.5 flex gap-2">
        <AgainButton className="bg-raised!" retryAt={problem.retryAt} onClick={resend} />
        <Button size="sm" variant="quiet" onClick={() => takeBack(exchange)}>
          <Trans>Back to the composer</Trans>
        </Button>
      </div>
    </li>
  )
}
