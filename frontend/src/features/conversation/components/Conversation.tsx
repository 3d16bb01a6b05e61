/** A session's messages and its composer. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useMemo, useState, type ReactNode } from 'react'

import type { ModelPickerProps } from '@/shared/config/slots'
import { Button, Skeleton, toasts } from '@/shared/ui'

import { useAnswering } from '../hooks/useAnswering'
import { useAsking, useBranch } from '../hooks/useAsking'
import { useDraft } from '../hooks/useDraft'
import type { usePath } from '../hooks/usePath'
import { useQueue } from '../hooks/useQueue'
import type { Outgoing } from '../model/exchanges'
import { plainText, type Message } from '../model/message'
import { ActionsContext, type ConversationActions } from './actions'
import { useErrorWords } from './answer/errorWords'
import { Composer } from './composer/Composer'
import { EstimateLine } from './composer/EstimateLine'
import { MessageList } from './list/MessageList'

interface ConversationProps {
  sessionId: string
  conversation: ReturnType<typeof usePath>
  onInspect: (answerId: string) => void
  modelPicker: (props: ModelPickerProps) => ReactNode
}

export function Conversation({ sessionId, conversation, onInspect, modelPicker }: ConversationProps) {
  const { path, outgoing } = conversation
  const [chosenModel, setModel] = useState<string | null>(null)
  const model = chosenModel ?? lastModel(path)
  const asking = useAsking(sessionId, model)
  const [draft, setDraft] = useDraft(sessionId)
  const leaf = path.at(-1) ?? null
  const { isAnswering, wentWell } = useAnswering(leaf, outgoing)

  const ask = (text: string) => {
    setDraft('')
    asking.ask(text, leaf === null ? null : leaf.id)
  }
  const queue = useQueue({ isAnswering, wentWell, onSend: ask })
  const actions = useConversationActions({ sessionId, asking, outgoing, onInspect, onTakeBack: setDraft })
  const stop = useStop(asking.stop, leaf)
  return (
    <ActionsContext value={actions}>
      <Announcement isAnswering={isAnswering} isAnswered={leaf?.role === 'assistant'} />
      <Body conversation={conversation} />
      <div className="mx-auto w-full max-w-[780px] flex-none px-(--pad) pb-[max(8px,env(safe-area-inset-bottom))] max-md:px-2.5">
        <Composer
          text={draft}
          onChange={setDraft}
          onSend={isAnswering ? queue.put : ask}
          isAnswering={isAnswering}
          onStop={stop}
          queued={queue.text}
          onUnqueue={queue.remove}
          isDisabled={conversation.isLoading || outgoing !== null}
          modelPicker={modelPicker({ value: model, onChange: setModel })}
          note={<EstimateLine draft={draft} model={model} lastAnswer={lastPaidAnswer(path)} />}
        />
      </div>
    </ActionsContext>
  )
}

const lastModel = (path: readonly Message[]) => path.findLast(({ role, model }) => role === 'assistant' && model !== null)?.model ?? null
const lastPaidAnswer = (path: readonly Message[]) => path.findLast(({ role, usage }) => role === 'assistant' && usage !== null) ?? null

/** Told to those who do not see it: that an answer is being made and that it is done, not its words. */
function Announcement({ isAnswering, isAnswered }: { isAnswering: boolean; isAnswered: boolean }) {
  const { t } = useLingui()
  const done = isAnswered ? t`The answer is done.` : ''
  return (
    <p role="status" className="sr-only">
      {isAnswering ? t`The answer is being written.` : done}
    </p>
  )
}

function useStop(stop: (runId: string) => Promise<void>, leaf: Message | null): () => void {
  const wordsOf = useErrorWords()
  return () => {
    if (leaf === null || leaf.run_id === null) return
    stop(leaf.run_id).catch(() => toasts.show({ text: wordsOf('stream.offline', ''), tone: 'error' }))
  }
}

function Body({ conversation }: { conversation: ConversationProps['conversation'] }) {
  if (conversation.isLoading && conversation.path.length === 0) return <Waiting />
  if (conversation.error !== null && conversation.path.length === 0) return <Unreadable onRetry={conversation.retry} />
  return (
    <MessageList
      path={conversation.path}
      hasOlder={conversation.hasOlder}
      isLoadingOlder={conversation.isLoadingOlder}
      onOlder={conversation.loadOlder}
      askedRunId={conversation.outgoing?.runId ?? null}
    />
  )
}

/** The shape of a question and an answer. */
function Waiting() {
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

function Unreadable({ onRetry }: { onRetry: () => void }) {
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
  asking: ReturnType<typeof useAsking>
  outgoing: Outgoing | null
  onInspect: (answerId: string) => void
  onTakeBack: (text: string) => void
}

function useConversationActions({ sessionId, asking, outgoing, onInspect, onTakeBack }: ActionsFrom): ConversationActions {
  const { mutate: showBranch, isPending: isChangingBranch } = useBranch(sessionId)
  return useMemo(
    () => ({
      inspect: onInspect,
      // While a question has not arrived, another one would not know its place.
      repeat: outgoing === null ? asking.repeat : null,
      ask: outgoing === null ? asking.ask : null,
      resend: asking.tryAgain,
      takeBack: () => {
        if (outgoing !== null && outgoing.user !== null) onTakeBack(plainText(outgoing.user))
        asking.forget()
      },
      showBranch,
      isChangingBranch,
    }),
    [asking, outgoing, onInspect, onTakeBack, showBranch, isChangingBranch],
  )
}
