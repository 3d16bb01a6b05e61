/** The conversation and its inspector. What belongs to other features comes through slots. */
import { useLingui } from '@lingui/react/macro'
import { lazy, Suspense, useEffect, useSyncExternalStore } from 'react'

import type { ConversationSlots } from '@/shared/config/slots'
import { useLatest } from '@/shared/hooks'
import { preloadMarkdown } from '@/shared/markdown'

import { useFoundMessage } from '../hooks/useFoundMessage'
import { useInspector } from '../hooks/useInspector'
import { usePath } from '../hooks/usePath'
import { useRuntime } from '../hooks/useRuntime'
import { plainText } from '../model/message'
import { titleOf } from '../model/title'
import { Conversation } from './Conversation'
import { Header } from './Header'
import { NewChat } from './NewChat'

// Loaded beside the first messages, not after them.
preloadMarkdown()

const nothing = () => undefined

const Inspector = lazy(() => import('./inspector/Inspector'))

export function ConversationPage({ sessionId, ...slots }: ConversationSlots) {
  if (sessionId === undefined) return <NewPage {...slots} />
  // Another session is another page: nothing of the one before may linger.
  return <SessionPage key={sessionId} sessionId={sessionId} {...slots} />
}

function NewPage({ headerStart, headerActions, ...slots }: ConversationSlots) {
  return (
    <main id="main" tabIndex={-1} className="relative flex h-full min-w-0 flex-1 flex-col">
      <title>{'Coda'}</title>
      <Header title={null} usage={null} start={headerStart} actions={headerActions} inspector={null} />
      <NewChat {...slots} />
    </main>
  )
}

/** A chat is called by its question from the first moment, before the server has named it. */
function useTitle({ session, path }: ReturnType<typeof usePath>): string | null {
  const { t } = useLingui()
  if (session !== null && session.title !== null) return session.title
  const first = path[0]
  if (first !== undefined && first.parent_id === null) return titleOf(plainText(first)) ?? t`New chat`
  return session === null ? null : t`New chat`
}

/** Its first question came back: one goes on where it was written. */
function useUnbegun(sessionId: string, onUnbegun: () => void): void {
  const { returns } = useRuntime()
  const isUnbegun = useSyncExternalStore(returns.subscribe, () => returns.isUnbegun(sessionId))
  const latest = useLatest(onUnbegun)
  useEffect(() => {
    if (isUnbegun) latest.current()
  }, [isUnbegun, latest])
}

function SessionPage({ sessionId, messageId, onMessageShown = nothing, headerStart, headerActions, modelPicker, toolPicker, missing, onUnbegun }: ConversationSlots & { sessionId: string }) {
  useUnbegun(sessionId, onUnbegun)
  const conversation = usePath(sessionId)
  const inspector = useInspector(conversation.path)
  const found = useFoundMessage({ sessionId, messageId, conversation, onShown: onMessageShown })
  const title = useTitle(conversation)
  const usage = conversation.session?.usage ?? null
  if (conversation.isMissing && missing !== undefined) return missing
  return (
    <div className="sheet flex h-full min-w-0 flex-1">
      <main id="main" tabIndex={-1} className="sheet relative flex h-full min-w-0 flex-1 flex-col">
        <title>{[title, 'Coda'].filter(Boolean).join(' · ')}</title>
        <Header
          title={title}
          usage={usage}
          start={headerStart}
          actions={headerActions}
          inspector={{ isOpen: inspector.isOpen, onToggle: inspector.toggle }}
        />
        <Conversation sessionId={sessionId} conversation={conversation} found={found} onInspect={inspector.inspect} modelPicker={modelPicker} toolPicker={toolPicker?.(sessionId)} />
      </main>
      <Suspense fallback={null}>
        {inspector.isOpen && (
          <Inspector
            path={conversation.path}
            total={usage}
            chosenId={inspector.chosenId}
            onClose={inspector.close}
          />
        )}
      </Suspense>
    </div>
  )
}
