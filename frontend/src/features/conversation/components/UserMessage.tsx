/** A question: a block as wide as its words, with quiet actions below; long ones fold. */
import { Trans, useLingui } from '@lingui/react/macro'
import { Pencil } from 'lucide-react'
import { lazy, memo, Suspense, useLayoutEffect, useRef, useState } from 'react'

import { useReturningFocus } from '@/shared/hooks'
import { CopyButton, cx, IconButton } from '@/shared/ui'

import { attachedParts, plainText, type Message } from '../model/message'
import { useActions } from './actions'
import { SiblingArrows } from './answer/SiblingArrows'
import { EditMessage } from './EditMessage'
import { useHoldScroll } from './list/holdScroll'

/** Loaded with the first question that shows a file. */
const Attachments = lazy(() => import('./attachments/Attachments'))

export const UserMessage = memo(function UserMessage({ message }: { message: Message }) {
  const { t } = useLingui()
  const { ask, showBranch, isChangingBranch } = useActions()
  const holdScroll = useHoldScroll()
  const [isEditing, setEditing] = useState(false)
  const returnFocus = useReturningFocus()
  const text = plainText(message)
  const files = attachedParts(message).length > 0 && (
    <Suspense>
      <Attachments message={message} />
    </Suspense>
  )

  if (isEditing && ask !== null) {
    return (
      <EditMessage
        text={text}
        files={files || undefined}
        onCancel={() => {
          returnFocus.expect()
          setEditing(false)
        }}
        onSend={(next) => {
          focusLog()
          setEditing(false)
          ask(next, message.parent_id, attachedParts(message))
        }}
      />
    )
  }
  return (
    <article aria-label={t`Question`} className="group/question md:pl-5">
      {files}
      {text !== '' && <FoldingText text={text} />}
      <div
        className={cx(
          'flex h-7 items-center gap-0.5 print:hidden transition-opacity max-md:-mb-1 max-md:h-11 md:pl-2',
          'md:opacity-0 md:group-focus-within/question:opacity-100 md:group-hover/question:opacity-100',
          message.siblings.count > 1 ? 'opacity-100!' : 'md:-mb-2',
        )}
      >
        <SiblingArrows message={message} onShow={showBranch} disabled={isChangingBranch} />
        {ask !== null && (
          <IconButton
            ref={returnFocus.take}
            label={t`Edit the question`}
            icon={<Pencil />}
            onClick={() => {
              holdScroll()
              setEditing(true)
            }}
          />
        )}
        <CopyButton text={() => text} label={t`Copy the question`} />
      </div>
    </article>
  )
})

/** The question that is sent stands in the place of this one: what goes on by keyboard goes on in the conversation. */
function focusLog(): void {
  document.activeElement?.closest<HTMLElement>('[role=log]')?.focus({ preventScroll: true })
}

/** More than twelve lines fold. */
function FoldingText({ text }: { text: string }) {
  const holdScroll = useHoldScroll()
  const box = useRef<HTMLDivElement>(null)
  const [isLong, setLong] = useState(false)
  const [isOpen, setOpen] = useState(false)

  useLayoutEffect(() => {
    const element = box.current
    if (element !== null && !isOpen) setLong(element.scrollHeight > element.clientHeight + 2)
  }, [text, isOpen])

  return (
    <div className="w-fit max-w-[592px] rounded-block bg-block px-4 py-[11px] text-prose">
      <div
        ref={box}
        dir="auto"
        className={cx('[unicode-bidi:plaintext] wrap-anywhere whitespace-pre-wrap', !isOpen && 'max-h-[312px] overflow-hidden print:max-h-none')}
      >
        {text}
      </div>
      {isLong && (
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => {
            holdScroll()
            setOpen(!isOpen)
          }}
          className="link print:hidden mt-2 min-h-7 text-row max-md:min-h-11"
        >
          {isOpen ? <Trans>Show less</Trans> : <Trans>Show all of it</Trans>}
        </button>
      )}
    </div>
  )
}
