/** New chat and chat: one page, so that a new chat becomes a session without losing its stream. */
import { Trans } from '@lingui/react/macro'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'

import { ConversationPage } from '@/features/conversation'
import { ConnectDialog, ModelPicker } from '@/features/models'
import { applyFirstChoices, takeBackFirstChoices, ToolPicker } from '@/features/tools'
import { isDemoModel, useMay, useModels } from '@/shared/api'

import { HeaderNewChat } from '../layouts/HeaderNewChat'
import { NotFoundPage } from '../pages/NotFoundPage'
import { HeaderStart } from '../layouts/HeaderStart'

export function ChatPage() {
  const { sessionId } = useParams({ strict: false })
  const { message } = useSearch({ strict: false })
  const navigate = useNavigate()
  const canConnect = useMay('connections:manage')
  return (
    <ConversationPage
      sessionId={sessionId}
      messageId={message}
      onMessageShown={() => void navigate({ to: '.', search: {}, replace: true })}
      onSessionCreated={(id) => void navigate({ to: '/chat/$sessionId', params: { sessionId: id }, replace: true })}
      onUnbegun={() => {
        if (sessionId !== undefined) takeBackFirstChoices(sessionId)
        void navigate({ to: '/', replace: true })
      }}
      headerStart={<HeaderStart />}
      missing={<NotFoundPage />}
      headerActions={sessionId === undefined ? undefined : <HeaderNewChat />}
      modelPicker={(props) => <ModelPicker {...props} canConnect={canConnect} />}
      toolPicker={(id) => <ToolPicker sessionId={id} />}
      prepareSession={applyFirstChoices}
      connectHint={<ConnectHint canConnect={canConnect} />}
    />
  )
}

/** There only while nothing but the demo model can answer. */
function ConnectHint({ canConnect }: { canConnect: boolean }) {
  const { data } = useModels()
  const [isConnecting, setConnecting] = useState(false)
  const hasOnlyDemo = data !== undefined && data.items.every(({ id }) => isDemoModel(id))
  if (!hasOnlyDemo && !isConnecting) return null
  return (
    <p className="text-ui text-ink-2">
      <Trans>You are talking to the demo model.</Trans>{' '}
      {canConnect && (
        <button type="button" className="link" onClick={() => setConnecting(true)}>
          <Trans>Connect your own</Trans>
        </button>
      )}
      <ConnectDialog open={isConnecting} onOpenChange={setConnecting} />
    </p>
  )
}
