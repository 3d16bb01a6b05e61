/** A session's messages and its composer. */
import { Trans, useLingui } from '@lingui/react/macro'
import { lazy, useMemo, type ReactNode } from 'react'

import { useMay } from '@/shared/api'
import type { ModelPickerProps } from '@/shared/config/slots'
import { useMarkdownReady } from '@/shared/markdown'
import { Button, Skeleton } from '@/shared/ui'

import { useSendQuestion, useBranch } from '../hooks/useSendQuestion'
import { useAttachments } from '../hooks/useAttachments'
import { useChosenModel } from '../hooks/useChosenModel'
import type { useFoundMessage } from '../hooks/useFoundMessage'
import { useDraft } from '../hooks/useDraft'
import { useActiveRun } from '../hooks/useActiveRun'
import type { usePath } from '../hooks/usePath'
import type { Message } from '../model/message'
import { standing } from '../model/refusals'
import { ActionsContext, type ConversationActions } from './actions'
import { Announcement } from './Announcement'
import { ClosedFoot, ConversationFoot } from './ConversationFoot'
import { EstimateLine } from './composer/EstimateLine'
import { MessageList } from './list/MessageList'

const VisionHint = lazy(() => import('./composer/VisionHint'))

interface ConversationProps {
  sessionId: string
  conversation: ReturnType<typeof usePath>
  found: ReturnType<typeof useFoundMessage>
  onInspect: (answerId: string) => void
  modelPicker: (props: ModelPickerProps) => ReactNode
  toolPicker: ReactNode
}

export function Conversation({ sessionId, conversation, found, onInspect, modelPicker, toolPicker }: ConversationProps) {
  const { path, queue, leafId, outgoing } = conversation
  const [chosenModel, setModel] = useChosenModel(sessionId)
  const model = chosenModel ?? lastModel(path)
  const questions = useSendQuestion(sessionId, model)
  const draft = useDraft(sessionId)
  const attachments = useAttachments(sessionId)
  const activeRun = useActiveRun(path.at(-1) ?? null, outgoing)

  const lastAnswerId = path.at(-1)?.id ?? null
  const mayAsk = useMay('runs:write')
  const actions = useConversationActions({ sessionId, questions, canAsk: mayAsk && outgoing.length === 0, lastAnswerId, leafId, onInspect })
  return (
    <ActionsContext value={actions}>
      <Announcement state={activeRun.state} last={path.at(-1) ?? null} />
      <Body conversation={conversation} found={found} />
      {mayAsk ? (
        <ConversationFoot
          activeRun={activeRun}
          queue={queue}
          outgoing={outgoing}
          draft={draft}
          refusal={draft.refusal && standing(draft.refusal, attachments.items, model)}
          attachments={attachments}
          hint={<VisionHint items={attachments.items} model={model} onModel={setModel} />}
          onAsk={(text) => {
            const { parts } = attachments
            draft.clear()
            attachments.clear()
            if (activeRun.state === 'idle' && queue.waiting.length === 0 && outgoing.length === 0) questions.ask(text, leafId, parts)
            else questions.queue(text, leafId, parts)
          }}
          isDisabled={conversation.isLoading}
          toolPicker={toolPicker}
          modelPicker={modelPicker({ value: model, onChange: setModel })}
          note={<EstimateLine draft={draft.text} model={model} lastAnswer={lastPaidAnswer(path)} />}
        />
      ) : (
        <ClosedFoot />
      )}
    </ActionsContext>
  )
}

const lastModel = (path: readonly Message[]) => path.findLast(({ role, model }) => role === 'assistant' && model !== null)?.model ?? null
const lastPaidAnswer = (path: readonly Message[]) => path.findLast(({ role, usage }) => role === 'assistant' && usage !== null) ?? null

function Body({ conversation, found }: Pick<ConversationProps, 'conversation' | 'found'>) {
  const isMarkdownReady = useMarkdownReady()
  if (!isMarkdownReady || (conversation.isLoading && conversation.path.length === 0)) return <ConversationSkeleton />
  if (conversation.error !== null && conversation.path.length === 0) return <LoadFailure onRetry={conversation.retry} />
  return (
    <MessageList
      key={found.listKey}
      path={conversation.path}
      hasOlder={conversation.hasOlder}
      isLoadingOlder={conversation.isLoadingOlder}
      isOlderLost={conversation.isOlderLost}
      onOlder={conversation.loadOlder}
      onAll={async () => (await conversation.readOlder(null)) === 'whole'}
      markedId={found.markedId}
      askedRunId={shownRunId(conversation)}
    />
  )
}

/** A question that only joins the queue brings nobody to the end. */
function shownRunId({ outgoing, path }: ConversationProps['conversation']): string | null {
  return outgoing.find(({ assistant }) => assistant.id === path.at(-1)?.id)?.runId ?? null
}

/** The shape of a question and an answer. */
function ConversationSkeleton() {
  const { t } = useLingui()
  return (
    <div role="status" aria-label={t`Loading the conversation`} className="mx-auto flex w-full max-w-[780px] min-h-0 flex-1 flex-col gap-4 px-(--pad) pt-6">
      <Skeleton className="h-12 w-72 max-w-full rounded-block! md:ml-5" />
      <div className="mt-4 flex flex-col gap-3 pl-(--rail)">
        <Skeleton className="h-4 w-56 max-w-full" />
        <Skeleton className="mt-2 h-4 w-[520px] max-w-full" />
        <Skeleton className="h-4 w-[480px] max-w-full" />
        <Skeleton className="h-4 w-72 max-w-full" />
      </div>
    </div>
  )
}

function LoadFailure({ onRetry }: { onRetry: () => void }) {
  return (
    <div role="alert" className="mx-auto flex w-full max-w-[780px] min-h-0 flex-1 flex-col items-start gap-3 px-(--pad) pt-10 text-ui text-ink-2">
      <p>
        <Trans>This conversation could not be loaded. It may have been deleted, or the server cannot be reached.</Trans>
      </p>
      <Button onClick={onRetry}>
        <Trans>Try again</Trans>
      </Button>
    </div>
  )
}

interface ActionsFrom {
  sessionId: string
  questions: ReturnType<typeof useSendQuestion>
  /** The person may, and the server has all that was asked here; until then another question would not know its place. */
  canAsk: boolean
  lastAnswerId: string | null
  leafId: string | null
  onInspect: (answerId: string) => void
}

function useConversationActions({ sessionId, questions, canAsk, lastAnswerId, leafId, onInspect }: ActionsFrom): ConversationActions {
  const { mutate: showBranch, isPending: isChangingBranch } = useBranch(sessionId)
  const mayChange = useMay('sessions:write')
  return useMemo(
    () => ({
      inspect: onInspect,
      lastAnswerId,
      repeat: canAsk ? questions.repeat : null,
      ask: canAsk ? questions.ask : null,
      askForRest: canAsk && lastAnswerId === leafId ? (text: string) => questions.ask(text, leafId) : null,
      resend: questions.tryAgain,
      takeBack: questions.takeBack,
      showBranch: mayChange ? showBranch : null,
      isChangingBranch,
    }),
    [questions, canAsk, lastAnswerId, leafId, onInspect, mayChange, showBranch, isChangingBranch],
  )
}
