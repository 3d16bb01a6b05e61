/** The new-chat screen: a question, the composer in the middle, four prompts that show what tools are for. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useMutation } from '@tanstack/react-query'
import { lazy, type ReactNode } from 'react'

import { problemOf, useMay, useMe, useOrganizationName, useModels } from '@/shared/api'
import type { ConversationSlots } from '@/shared/config/slots'
import { CodaSign } from '@/shared/ui'

import { useRuntime } from '../hooks/useRuntime'
import { useAttachments } from '../hooks/useAttachments'
import { useChosenModel } from '../hooks/useChosenModel'
import { useDraft } from '../hooks/useDraft'
import { newId } from '../model/ids'
import { outgoingQuestion } from '../model/outgoing'
import { standing } from '../model/refusals'
import { useRunErrorText } from '../hooks/useRunErrorText'
import { Composer } from './composer/Composer'
import { EstimateLine } from './composer/EstimateLine'
import { usePrompts } from './prompts'

const VisionHint = lazy(() => import('./composer/VisionHint'))

type NewChatProps = Pick<ConversationSlots, 'onSessionCreated' | 'modelPicker' | 'toolPicker' | 'prepareSession' | 'connectHint'>

export function NewChat(props: NewChatProps) {
  return useMay('runs:write') ? <FirstQuestion {...props} /> : <ReadOnly />
}

/** A new chat begins with a question, and this person may ask none. */
function ReadOnly() {
  const name = useOrganizationName()(useMe().organization)
  return (
    <Middle>
      <h1 className="mb-2 text-title md:ml-4 max-md:px-2">
        <Trans>You can read here</Trans>
      </h1>
      <p className="text-ui text-ink-2 md:ml-4 max-md:px-2">
        <Trans>You are a viewer in {name}. To ask questions, have an administrator make you a member.</Trans>
      </p>
    </Middle>
  )
}

function Middle({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto px-(--pad) [scrollbar-gutter:stable_both-edges] max-md:px-2.5">
      <div className="mx-auto my-auto flex w-full max-w-[740px] flex-col py-8">
        <CodaSign size={40} className="mx-2 mb-4 text-accent md:mx-4" />
        {children}
      </div>
    </div>
  )
}

function FirstQuestion({ onSessionCreated, modelPicker, toolPicker, prepareSession, connectHint }: NewChatProps) {
  const { t } = useLingui()
  const runtime = useRuntime()
  const draft = useDraft(null)
  const attachments = useAttachments(null)
  const [chosen, setModel] = useChosenModel(null)
  const { data: models } = useModels()
  // What is shown is what answers.
  const model = chosen ?? models?.default_model ?? null
  const prompts = usePrompts()

  const begin = useMutation({
    mutationFn: async (text: string) => {
      const sessionId = newId()
      await runtime.startSession(outgoingQuestion({ sessionId, text, parts: attachments.parts, parentId: null, model }), prepareSession)
      return sessionId
    },
    onSuccess: onSessionCreated,
    // An example that was pressed is not lost either.
    onError: (_, text) => draft.change(text),
  })
  return (
    <Middle>
      <h1 className="mb-6 text-title md:ml-4 max-md:px-2">
        <Trans>What are we working on?</Trans>
      </h1>
      <Composer
        text={draft.text}
        refusal={draft.refusal && standing(draft.refusal, attachments.items, model)}
        onChange={draft.change}
        onSend={begin.mutate}
        state="idle"
        isDisabled={begin.isPending}
        attachments={attachments}
        hint={<VisionHint items={attachments.items} model={model} onModel={setModel} />}
        toolPicker={toolPicker?.(undefined)}
        modelPicker={modelPicker({ value: model, onChange: setModel })}
        note={<EstimateLine draft={draft.text} model={model} lastAnswer={null} />}
      />
      <BeginError error={begin.error} />
      <ul aria-label={t`Examples`} className="mt-4">
        {prompts.map(({ title, text }) => (
          <li key={title}>
            <button
              type="button"
              disabled={begin.isPending}
              onClick={() => begin.mutate(text)}
              className="press flex min-h-[34px] w-full items-baseline gap-3 rounded-control px-4 py-1.5 text-left text-ui hover:bg-hover max-md:min-h-11 max-md:flex-col max-md:gap-0 max-md:px-2"
            >
              <span className="w-28 flex-none text-row text-ink-3">{title}</span>
              <span className="min-w-0 flex-1 text-ink-2 line-clamp-1 max-md:line-clamp-2 wrap-anywhere">{text}</span>
            </button>
          </li>
        ))}
      </ul>
      {connectHint !== undefined && <div className="mt-6 px-4 text-row text-ink-2 max-md:px-2">{connectHint}</div>}
    </Middle>
  )
}

function BeginError({ error }: { error: Error | null }) {
  const errorText = useRunErrorText()
  if (error === null) return null
  return (
    <p role="alert" className="mt-1 px-4 text-row text-danger">
      {errorText(problemOf(error))}
    </p>
  )
}
