/** One message of the list with the room below it. */
import { memo } from 'react'

import { cx } from '@/shared/ui'

import { useOutgoing } from '../../hooks/useRuntime'
import type { Message } from '../../model/message'
import { AnswerBlock } from '../answer/AnswerBlock'
import { UnsentQuestion } from '../answer/UnsentQuestion'
import { UserMessage } from '../UserMessage'

export const MessageItem = memo(function MessageItem({ message, isMarked = false }: { message: Message; isMarked?: boolean }) {
  const outgoing = useOutgoing(message.session_id)
  const mark = cx(isMarked && 'relative before:absolute before:inset-y-0 before:-left-2.5 before:w-[3px] before:rounded-full before:bg-accent')
  if (message.role === 'user') {
    return (
      <div className={mark} data-marked={isMarked || undefined}>
        <UserMessage message={message} />
      </div>
    )
  }
  const refused = outgoing.find(({ error, assistant }) => error !== null && assistant.id === message.id)
  return (
    <div className="pb-9">
      <div className={mark} data-marked={isMarked || undefined}>
        {refused === undefined ? <AnswerBlock message={message} /> : <UnsentQuestion exchange={refused} />}
      </div>
    </div>
  )
})
