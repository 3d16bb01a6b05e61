/** The conversation and its inspector. What belongs to other features comes through slots. */
import { useLingui } from '@lingui/react/macro'
import { lazy, Suspense, useCallback, useState } from 'react'

import type { ConversationSlots } from '@/shared/config/slots'
import { useStored } from '@/shared/hooks'
import { preloadMarkdown } from '@/shared/markdown'
import { useRegionForm } from '@/shared/ui'

import { usePath } from '../hooks/usePath'
import { Conversation } from './Conversation'
import { Header } from './Header'
import { NewChat } from './NewChat'

// Loaded beside the first messages, not after them.
preloadMarkdown()

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

function SessionPage({ sessionId, headerStart, headerActions, modelPicker, toolPicker }: ConversationSlots & { sessionId: string }) {
  const { t } = useLingui()
  const conversation = usePath(sessionId)
  const inspector = useInspector()
  const title = conversation.session === null ? null : (conversation.session.title ?? t`New chat`)
  return (
    <div className="flex h-full min-w-0 flex-1">
      <main id="main" tabIndex={-1} className="relative flex h-full min-w-0 flex-1 flex-col">
        <title>{[title, 'Coda'].filter(Boolean).join(' · ')}</title>
        <Header
          title={title}
          usage={conversation.session?.usage ?? null}
          start={headerStart}
          actions={headerActions}
          inspector={{ isOpen: inspector.isOpen, onToggle: inspector.toggle }}
        />
        <Conversation sessionId={sessionId} conversation={conversation} onInspect={inspector.inspect} modelPicker={modelPicker} toolPicker={toolPicker?.(sessionId)} />
      </main>
      <Suspense fallback={null}>
        {inspector.isOpen && (
          <Inspector
            path={conversation.path}
            total={conversation.session?.usage ?? null}
            chosenId={inspector.chosenId}
            onClose={inspector.close}
          />
        )}
      </Suspense>
    </div>
  )
}

/** Beside the conversation it stays as it was left; over it, it opens only when asked. */
function useInspector() {
  const isBeside = useRegionForm('right') === 'beside'
  const [isLeftOpen, setLeftOpen] = useStored<boolean>('inspector.open', true)
  const [isCalled, setCalled] = useState(false)
  const [chosenId, setChosen] = useState<string | null>(null)
  const setOpen = (open: boolean) => {
    setCalled(open)
    if (isBeside) setLeftOpen(open)
  }
  const isOpen = isBeside ? isLeftOpen : isCalled
  const inspect = useCallback(
    (answerId: string) => {
      setChosen(answerId)
      setCalled(true)
      setLeftOpen(true)
    },
    [setLeftOpen],
  )
  return { isOpen, chosenId, inspect, toggle: () => setOpen(!isOpen), close: () => setOpen(false) }
}
