/** Where a question is written: text, tools, model, and one button that sends, queues or stops. */
import { Trans, useLingui } from '@lingui/react/macro'
import { ArrowUp, ListPlus, Square, X } from 'lucide-react'
import { useEffect, useRef, type ReactNode, type RefObject } from 'react'

import { cx, IconButton, Tooltip } from '@/shared/ui'

import { GrowingText } from './GrowingText'
import { ToolCount } from './ToolCount'

export interface ComposerProps {
  text: string
  onChange: (text: string) => void
  onSend: (text: string) => void
  /** An answer is being made: the button stops it, or queues what is written. */
  isAnswering: boolean
  onStop?: () => void
  /** What goes out as soon as the answer is done. */
  queued?: string | null
  onUnqueue?: () => void
  modelPicker: ReactNode
  /** The quiet line below: share of the window, likely cost. */
  note?: ReactNode
  isDisabled?: boolean
}

export function Composer(props: ComposerProps) {
  const { text, onChange, onSend, isAnswering, onStop, queued = null, onUnqueue, modelPicker, note, isDisabled = false } = props
  const { t } = useLingui()
  const field = useRef<HTMLTextAreaElement>(null)
  useFocusOnKey(field)
  useFocusOnArrival(field)

  const hasText = text.trim() !== '' && queued === null
  const send = () => {
    if (hasText && !isDisabled) onSend(text.trim())
  }
  return (
    <div className="w-full">
      {queued !== null && <Queued text={queued} onRemove={onUnqueue} />}
      {/* A press on the empty parts of the box is meant for the field. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events -- see above */}
      <div
        onClick={(event) => {
          if (event.target === event.currentTarget) field.current?.focus()
        }}
        className="cursor-text rounded-composer border border-line-strong bg-raised px-3 pt-3 pb-2.5 shadow-composer transition-colors focus-within:border-accent"
      >
        <GrowingText
          fieldRef={field}
          label={t`Your question`}
          placeholder={isAnswering ? t`Write the next question` : t`Ask anything`}
          value={queued === null ? text : ''}
          onChange={onChange}
          onSend={send}
          className={cx('px-1')}
        />
        <div className="mt-2 flex items-center gap-1">
          <ToolCount />
          <span className="min-w-0 flex-1" />
          <span className="flex min-w-0 items-center">{modelPicker}</span>
          {isAnswering && !hasText ? (
            <StopButton onStop={onStop} />
          ) : (
            <SendButton isAnswering={isAnswering} isReady={hasText && !isDisabled} onSend={send} />
          )}
        </div>
      </div>
      <div className="min-h-5 pt-1.5 text-center text-badge font-normal text-ink-3">{note}</div>
    </div>
  )
}

const ACTION = cx(
  'press ml-1 flex size-[34px] flex-none items-center justify-center rounded-code bg-ink text-on-ink hover:bg-ink/88 max-md:size-11',
)

function StopButton({ onStop }: { onStop: (() => void) | undefined }) {
  const { t } = useLingui()
  return (
    <Tooltip text={t`Stop`}>
      <button type="button" aria-label={t`Stop`} onClick={onStop} className={ACTION}>
        <Square aria-hidden className="size-3! fill-current" />
      </button>
    </Tooltip>
  )
}

function SendButton({ isAnswering, isReady, onSend }: { isAnswering: boolean; isReady: boolean; onSend: () => void }) {
  const { t } = useLingui()
  const label = isAnswering ? t`Send when the answer is done` : t`Send`
  return (
    <Tooltip text={isReady ? label : t`Write a question first`}>
      <button type="button" aria-label={label} aria-disabled={!isReady} onClick={onSend} className={cx(ACTION, !isReady && 'opacity-45')}>
        {isAnswering ? <ListPlus aria-hidden /> : <ArrowUp aria-hidden />}
      </button>
    </Tooltip>
  )
}

function Queued({ text, onRemove }: { text: string; onRemove?: () => void }) {
  const { t } = useLingui()
  return (
    <div className="mb-2 flex items-center gap-2 rounded-control bg-block py-0.5 pr-1 pl-3 text-row text-ink-2">
      <span className="flex-none font-medium text-ink">
        <Trans>Next</Trans>
      </span>
      <span className="fade-end min-w-0 flex-1">{text}</span>
      <IconButton label={t`Take it back`} icon={<X />} onClick={onRemove} />
    </div>
  )
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
