/** Where a question is written: text, tools, model, and what can be done to the answer that is being made. */
import { useLingui } from '@lingui/react/macro'
import { useEffect, useRef, useState, type ReactNode, type RefObject } from 'react'

import { cx } from '@/shared/ui'

import type { ActiveRunState } from '../../hooks/useActiveRun'
import { GrowingText } from './GrowingText'
import { RunButtons } from './RunButtons'

interface ComposerProps {
  text: string
  onChange: (text: string) => void
  /** Sends, or queues behind the answer that is being made. */
  onSend: (text: string) => void
  /** Throws it into the answer; absent while that cannot be done. */
  onSteer?: (text: string) => void
  /** What the answer at the end is doing. */
  state: ActiveRunState
  onStop?: () => void
  onPause?: () => void
  isPausing?: boolean
  modelPicker: ReactNode
  toolPicker: ReactNode
  /** What stands above the field: the message queue, a pause. */
  children?: ReactNode
  /** The quiet line below: share of the window, likely cost. */
  note?: ReactNode
  isDisabled?: boolean
}

export function Composer(props: ComposerProps) {
  const { text, onChange, onSend, onSteer, state, modelPicker, toolPicker, children, note, isDisabled = false } = props
  const { t } = useLingui()
  const field = useRef<HTMLTextAreaElement>(null)
  useFocusOnKey(field)
  useFocusOnArrival(field)

  const isBusy = state !== 'idle'
  const words = text.trim()
  const { send, isHeld } = useSendWhenReady(words, isDisabled, onSend)
  const steer = onSteer === undefined || words === '' ? undefined : () => onSteer(words)
  return (
    <div className="w-full">
      {children}
      {/* A press on the empty parts of the box is meant for the field. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events -- see above */}
      <div
        onClick={(event) => {
          if (event.target === event.currentTarget) field.current?.focus()
        }}
        className="relative cursor-text rounded-composer border border-line-strong bg-raised px-3 pt-3 pb-2.5 shadow-composer transition-colors focus-within:border-accent"
      >
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
          <div className={cx(isBusy && words !== '' && 'max-md:hidden')}>
            {toolPicker}
          </div>
          <span className="min-w-0 flex-1" />
          <span className="flex min-w-0 items-center">{modelPicker}</span>
          <RunButtons {...props} hasWords={words !== ''} isReady={words !== '' && !isDisabled} isSending={isHeld} onSend={send} onSteer={steer} />
        </div>
      </div>
      <div className="min-h-5 pt-1.5 text-center text-badge font-normal text-ink-3">{note}</div>
    </div>
  )
}

/** Pressed a moment too early, while the question before is on its way: it goes out right after that, unless one writes on. */
function useSendWhenReady(words: string, isDisabled: boolean, onSend: (text: string) => void) {
  const [held, setHeld] = useState<string | null>(null)
  const isHeld = held !== null && held === words
  const latest = useRef(onSend)
  useEffect(() => {
    latest.current = onSend
  })
  useEffect(() => {
    if (!isHeld || isDisabled) return
    setHeld(null)
    latest.current(words)
  }, [isHeld, isDisabled, words])
  const send = () => {
    if (words === '') return
    if (isDisabled) setHeld(words)
    else onSend(words)
  }
  return { send, isHeld }
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
