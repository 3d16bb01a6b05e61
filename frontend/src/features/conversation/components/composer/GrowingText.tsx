/** A field that grows with its text. Enter sends, Shift+Enter breaks the line; on touch Enter breaks it too. */
import { useEffect, useLayoutEffect, useRef, type ClipboardEvent, type KeyboardEvent, type Ref, type RefObject } from 'react'

import { useMedia } from '@/shared/hooks'
import { isEnter, isEscape } from '@/shared/lib/keys'
import { cx } from '@/shared/ui'

/** A browser that finds the direction of a text, and its height, lays all of it out with every letter that is typed. */
const LONG_TEXT = 10_000
const BEGINS_RIGHT_TO_LEFT = /^\P{L}*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u

interface GrowingTextProps {
  label: string
  value: string
  onChange: (value: string) => void
  onSend: () => void
  /** Ctrl+Enter (Cmd+Enter); the same as Enter where it is absent. */
  onSendOtherwise?: () => void
  onEscape?: () => void
  placeholder?: string
  autoFocus?: boolean
  className?: string
  fieldRef?: Ref<HTMLTextAreaElement>
}

export function GrowingText({ label, value, onChange, onSend, onSendOtherwise, onEscape, ...rest }: GrowingTextProps) {
  const { placeholder, autoFocus, className, fieldRef } = rest
  const field = useRef<HTMLTextAreaElement>(null)
  const isTouch = useMedia('(pointer: coarse)')

  useLayoutEffect(() => {
    if (field.current !== null) fit(field.current)
  }, [value])
  useFitOnResize(field)

  const onKeyDown = (event: KeyboardEvent) => {
    if (isEscape(event)) onEscape?.()
    if (!isEnter(event) || event.shiftKey || isTouch) return
    event.preventDefault()
    if (event.ctrlKey || event.metaKey) (onSendOtherwise ?? onSend)()
    else onSend()
  }

  return (
    <textarea
      ref={(element) => {
        field.current = element
        if (typeof fieldRef === 'function') fieldRef(element)
        else if (fieldRef) fieldRef.current = element
      }}
      aria-label={label}
      rows={1}
      dir={directionOf(value)}
      value={value}
      placeholder={placeholder}
      // Opened by the person's own press, so the caret is expected here.
      autoFocus={autoFocus}
      onFocus={(event) => {
        if (autoFocus === true) event.currentTarget.setSelectionRange(value.length, value.length)
      }}
      onChange={(event) => onChange(event.target.value)}
      onPaste={settleDirection}
      onKeyDown={onKeyDown}
      enterKeyHint={isTouch ? 'enter' : 'send'}
      className={cx('block max-h-[40vh] [@media(max-height:560px)]:max-h-[24vh] w-full resize-none overflow-y-auto bg-transparent text-prose text-ink outline-none', className)}
    />
  )
}

/** Before a long text is put in, not after the browser has laid it out. */
function settleDirection({ currentTarget: field, clipboardData }: ClipboardEvent<HTMLTextAreaElement>): void {
  field.dir = directionOf(field.value + clipboardData.getData('text/plain'))
}

function directionOf(text: string): 'auto' | 'ltr' | 'rtl' {
  if (text.length <= LONG_TEXT) return 'auto'
  return BEGINS_RIGHT_TO_LEFT.test(text) ? 'rtl' : 'ltr'
}

/** As high as its text; a long one is higher than the field may become. */
function fit(element: HTMLTextAreaElement): void {
  if (element.value.length > LONG_TEXT) {
    element.style.height = '100vh'
    return
  }
  element.style.height = 'auto'
  element.style.height = `${String(element.scrollHeight)}px`
}

/** Lines break elsewhere when the field becomes narrower, on a phone that is turned for one. */
function useFitOnResize(field: RefObject<HTMLTextAreaElement | null>): void {
  useEffect(() => {
    const element = field.current
    if (element === null) return
    let width = element.clientWidth
    const observer = new ResizeObserver(() => {
      if (element.clientWidth === width) return
      width = element.clientWidth
      fit(element)
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [field])
}
