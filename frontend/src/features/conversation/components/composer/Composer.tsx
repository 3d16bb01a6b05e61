/** Where a question is written: text, tools, model, and what can be done to the answer that is being made. */
import { useLingui } from '@lingui/react/macro'
import { lazy, Suspense, useEffect, useRef, type ClipboardEvent, type ReactNode, type RefObject } from 'react'

import type { Problem } from '@/shared/api'
import { cx, ErrorLine } from '@/shared/ui'

import type { AttachmentControls } from '../../hooks/useAttachments'
import type { ActiveRunState } from '../../hooks/useActiveRun'
import { useComposerProblem } from '../../hooks/useComposerProblem'
import { useSendWhenReady } from '../../hooks/useSendWhenReady'
import { AttachButton } from './AttachButton'
import { GrowingText } from './GrowingText'
import { RunButtons } from './RunButtons'

/** Not needed for the first words. */
const DropTarget = lazy(() => import('./DropTarget'))
/** Loaded with the first file. */
const AttachmentTray = lazy(() => import('./AttachmentTray'))

interface ComposerProps {
  text: string
  /** Why it came back: the server did not take it. */
  refusal?: Problem | null
  onChange: (text: string) => void
  /** Sends, or queues behind the answer that is being made. */
  onSend: (text: string) => void
  /** Throws it into the answer; absent while that cannot be done. */
  onSteer?: (text: string) => void
  /** What the answer at the end is doing. */
  state: ActiveRunState
  onStop?: () => void
  onPause?: () => void
  onResume?: () => void
  isChangingPause?: boolean
  modelPicker: ReactNode
  toolPicker: ReactNode
  /** What stands above the field: the message queue. */
  children?: ReactNode
  /** The quiet line below: share of the window, likely cost. */
  note?: ReactNode
  isDisabled?: boolean
  attachments: AttachmentControls
  /** What is to be said of the files. */
  hint?: ReactNode
}

export function Composer(props: ComposerProps) {
  const { text, refusal = null, onChange, onSend, onSteer, state, modelPicker, toolPicker, children, note, isDisabled = false, attachments, hint } = props
  const { t } = useLingui()
  const field = useRef<HTMLTextAreaElement>(null)
  useFocusOnKey(field)
  useFocusOnArrival(field)

  const isBusy = state !== 'idle'
  const words = text.trim()
  const problem = useComposerProblem(words, attachments, refusal)
  const { hasContent, isBlocked } = problem
  const isWaiting = isDisabled || attachments.isOnItsWay
  const { send, isHeld } = useSendWhenReady({ words, hasContent, isWaiting, isBlocked, onSend })
  const steer = steerWith(hasContent ? words : '', attachments, onSteer)
  return (
    <div className="@container w-full">
      {children}
      <Hint attachments={attachments}>{hint}</Hint>
      {/* A press on the empty parts of the box is meant for the field. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events -- see above */}
      <div
        onClick={(event) => {
          if (event.target === event.currentTarget) field.current?.focus()
        }}
        onPaste={(event) => pasteFiles(event, attachments.add)}
        className="relative cursor-text rounded-composer border border-line-strong surface-raised px-3 pt-3 pb-2.5 shadow-composer transition-colors focus-within:border-accent"
      >
        <Suspense>
          <DropTarget onFiles={attachments.add} />
        </Suspense>
        <Tray attachments={attachments} onEmpty={() => field.current?.focus()} />
        <GrowingText
          fieldRef={field}
          label={t`Your question`}
          placeholder={isBusy ? t`Write the next question` : t`Ask anything`}
          value={text}
          onChange={onChange}
          onSend={send}
          onSendOtherwise={steer}
          className={cx('px-1')}
        />
        <div className="mt-2 flex items-center gap-1">
          {/* What the question goes with stands at the left, what is done at the right: neither moves the other. */}
          <div className="flex min-w-0 flex-1 items-center">
            <div className={cx('flex min-w-0 items-center gap-1', isBusy && words !== '' && '@max-xl:hidden')}>
              <AttachButton onFiles={attachments.add} />
              {toolPicker}
              {modelPicker}
            </div>
          </div>
          <RunButtons {...props} hasWords={hasContent} isReady={hasContent && !isWaiting && !isBlocked} whyNot={problem.text} isSending={isHeld} onSend={send} onSteer={steer} />
        </div>
      </div>
      <Below problem={problem.text} note={note} />
    </div>
  )
}

function Hint({ attachments, children }: Pick<ComposerProps, 'attachments' | 'children'>) {
  return attachments.items.length > 0 && <Suspense>{children}</Suspense>
}

function Tray({ attachments, onEmpty }: Pick<ComposerProps, 'attachments'> & { onEmpty: () => void }) {
  if (attachments.items.length === 0) return null
  return (
    <Suspense>
      <AttachmentTray attachments={attachments} onEmpty={onEmpty} />
    </Suspense>
  )
}

/** The quiet line, or in its place what is wrong. */
function Below({ problem, note }: { problem: string | null; note: ReactNode }) {
  if (problem === null) return <div className="min-h-[26px] pt-1.5 text-center text-badge font-normal text-ink-3">{note}</div>
  return (
    <div className="flex min-h-[26px] justify-center pt-1.5">
      <ErrorLine>{problem}</ErrorLine>
    </div>
  )
}

/** A file goes with a question, not with a steer. */
function steerWith(words: string, { items }: AttachmentControls, onSteer: ComposerProps['onSteer']): (() => void) | undefined {
  return onSteer === undefined || words === '' || items.length > 0 ? undefined : () => onSteer(words)
}

/** A picture on the clipboard is attached; words beside it are left to the field. */
function pasteFiles(event: ClipboardEvent, add: AttachmentControls['add']): void {
  const { files } = event.clipboardData
  if (files.length === 0 || event.clipboardData.types.includes('text/plain')) return
  event.preventDefault()
  add([...files])
}

/** Whoever comes here wants to write; on touch that would bring up the keyboard over what there is to read. */
function useFocusOnArrival(field: RefObject<HTMLTextAreaElement | null>) {
  useEffect(() => {
    const isFree = document.activeElement === null || document.activeElement === document.body
    if (isFree && matchMedia('(pointer: fine)').matches) field.current?.focus({ preventScroll: true })
  }, [field])
}

/** "/" jumps to the field from anywhere but another field. */
function useFocusOnKey(field: RefObject<HTMLTextAreaElement | null>) {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
      const target = event.target as HTMLElement
      if (target.closest('input, textarea, select, [contenteditable], [role="dialog"]') !== null) return
      event.preventDefault()
      field.current?.focus()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [field])
}
