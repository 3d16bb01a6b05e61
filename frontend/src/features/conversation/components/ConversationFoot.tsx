/** Below the messages: the queue of questions and the composer. */
import type { ReactNode } from 'react'

import type { Problem } from '@/shared/api'
import { cx } from '@/shared/ui'

import { cancelRun } from '../api/runs'
import { usePauseControls, useShowRunError } from '../hooks/useRunControls'
import type { AttachmentControls } from '../hooks/useAttachments'
import type { Draft } from '../hooks/useDraft'
import { useRuntime } from '../hooks/useRuntime'
import type { ActiveRun } from '../hooks/useActiveRun'
import type { Outgoing } from '../model/outgoing'
import type { QueuedPath } from '../model/queue'
import { ClosedComposer } from './composer/ClosedComposer'
import { Composer } from './composer/Composer'
import { KeyHint } from './composer/RunButtons'
import { MessageQueue } from './composer/MessageQueue'

interface ConversationFootProps {
  activeRun: ActiveRun
  queue: QueuedPath
  outgoing: readonly Outgoing[]
  draft: Draft
  refusal: Problem | null
  attachments: AttachmentControls
  hint: ReactNode
  onAsk: (text: string) => void
  isDisabled: boolean
  modelPicker: ReactNode
  toolPicker: ReactNode
  note: ReactNode
}

const place = cx('mx-auto print:hidden w-full max-w-[780px] flex-none px-(--pad) pb-[max(8px,env(safe-area-inset-bottom))] max-md:px-2.5')

export function ClosedFoot() {
  return (
    <div className={place}>
      <ClosedComposer />
    </div>
  )
}

export function ConversationFoot({ activeRun, queue, outgoing, draft, onAsk, ...rest }: ConversationFootProps) {
  const { refusal, isDisabled, modelPicker, toolPicker, note, attachments, hint } = rest
  const { pause, resume } = usePauseControls()
  const stop = useStop(activeRun.runId)
  const steer = useSteer(activeRun, draft.restore)
  const { state, runId } = activeRun
  const canSteer = state === 'working' || state === 'paused'
  return (
    <div className={place}>
      <Composer
        text={draft.text}
        refusal={refusal}
        onChange={draft.change}
        onSend={onAsk}
        onSteer={
          canSteer
            ? (text) => {
                draft.clear()
                steer(text)
              }
            : undefined
        }
        state={state}
        onStop={stop}
        onPause={() => runId !== null && pause.mutate(runId)}
        onResume={() => runId !== null && resume.mutate(runId)}
        isChangingPause={pause.isPending || resume.isPending}
        isDisabled={isDisabled}
        attachments={attachments}
        hint={hint}
        modelPicker={modelPicker}
        toolPicker={toolPicker}
        note={state !== 'idle' && draft.text.trim() !== '' ? <KeyHint canSteer={canSteer} /> : note}
      >
        <MessageQueue queue={queue} outgoing={outgoing} restoreDraft={draft.restore} />
      </Composer>
    </div>
  )
}

function useStop(runId: string | null): () => void {
  const runtime = useRuntime()
  const showError = useShowRunError()
  return () => {
    if (runId !== null) runtime.stop(runId, cancelRun).catch(showError)
  }
}

/** What the answer does not take comes back to the field. */
function useSteer({ answer, runId }: ActiveRun, restoreDraft: (text: string) => void): (text: string) => void {
  const { controls } = useRuntime()
  const showError = useShowRunError()
  return (text) => {
    if (answer === null || runId === null) return
    controls.steer(answer, runId, text).catch((error: Error) => {
      restoreDraft(text)
      showError(error)
    })
  }
}
