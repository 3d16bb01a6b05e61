/** What the app fills into features that must not know each other. */
import type { ReactNode } from 'react'

export interface ModelPickerProps {
  /** `provider/name`, or null for the default model. */
  value: string | null
  onChange: (model: string) => void
  disabled?: boolean
}

/** The slots of `ConversationPage` (features/conversation); the routes `/` and `/chat/$sessionId` fill them. */
export interface ConversationSlots {
  /** Absent on the new-chat screen. */
  sessionId?: string
  /** A message to go to. */
  messageId?: string | undefined
  /** It is in sight, or cannot be. */
  onMessageShown?: () => void
  /** A first message made a session: the route moves to it without losing the open stream. */
  onSessionCreated: (sessionId: string) => void
  /** The first message was not taken after all, and stands on the new-chat screen again. */
  onUnbegun: () => void
  /** Left end of the 48 px header: opens the session list where it is folded or a drawer. */
  headerStart?: ReactNode
  /** Right end of the header, before the inspector's switch. */
  headerActions?: ReactNode
  /** In place of a chat that is not there, or not the caller's. */
  missing?: ReactNode
  modelPicker: (props: ModelPickerProps) => ReactNode
  /** How many tools the chat has, and their switches; of a chat that has not begun where there is no id. */
  toolPicker?: (sessionId: string | undefined) => ReactNode
  /** What has to hold in a new session before its first question goes out. */
  prepareSession?: (sessionId: string) => Promise<void>
  /** One line under the empty state while only the demo model is there, with the link that connects another. */
  connectHint?: ReactNode
}
