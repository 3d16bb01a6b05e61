/** What can be done to the messages of the open conversation, for the components deep inside its list. */
import { createContext, use } from 'react'

import type { Outgoing } from '../model/outgoing'
import type { AttachedPart, Message } from '../model/message'

export interface ConversationActions {
  /** Open the inspector on this answer. */
  inspect: (answerId: string) => void
  /** Answer the same question again, with another model where one is named; absent while that cannot be done. */
  repeat: ((answer: Message, model?: string) => void) | null
  /** The answer at the end of the conversation: the only one that can be written on. */
  lastAnswerId: string | null
  /** Ask differently: makes a sibling of the question; absent while that cannot be done. */
  ask: ((text: string, parentId: string | null, parts?: readonly AttachedPart[]) => void) | null
  /** Ask below the last answer; absent where something stands there already. */
  askForRest: ((text: string) => void) | null
  /** Send again what the server did not take, or take back what it does not have. */
  resend: () => void
  takeBack: (exchange: Outgoing) => void
  /** Look at another version; null for those who may not change the session. */
  showBranch: ((messageId: string) => void) | null
  isChangingBranch: boolean
}

const nothing = () => undefined

export const ActionsContext = createContext<ConversationActions>({
  inspect: nothing,
  repeat: null,
  lastAnswerId: null,
  ask: null,
  askForRest: null,
  resend: nothing,
  takeBack: nothing,
  showBranch: null,
  isChangingBranch: false,
})

export function useActions(): ConversationActions {
  return use(ActionsContext)
}
