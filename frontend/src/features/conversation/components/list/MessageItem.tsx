/** One message of the list with the room below it. */
import { memo } from 'react'

import { useOutgoing } from '../../hooks/useRuntime'
import type { Message } from '../../model/message'
import { AnswerBlock } from '../answer/AnswerBlock'
import { UnsentQuestion } from '../answer/UnsentQuestion'
import { UserMessage } from '../UserMessage'

export const MessageItem = memo(function MessageItem({ message }: { message: Message }) {
  const outgoing = useOutgoing(message.session_id)
  if (message.role === 'user') return <UserMessage message={message} />
  const refused = outgoing.find(({ error, assistant }) => error !== null && assistant.id === message.id)
  return <div className="pb-9">{refused === undefined ? <AnswerBlock message={message} /> : <UnsentQuestion exchange={refused} />}</div>
})
