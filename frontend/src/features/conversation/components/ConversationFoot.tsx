/** Below the messages: the queue of questions, a pause, and the composer. */
import type { ReactNode } from 'react'

import { cx } from '@/shared/ui'

import { cancelRun } from '../api/runs'
import { usePauseControls, useShowRunError } from '../hooks/useRunControls'
import { useRuntime } from '../hooks/useRuntime'
import type { ActiveRun } from '../hooks/useActiveRun'
import type { Outgoing } from '../model/outgoing'
import type { QueuedPath } from '../model/queue'
import { ClosedComposer } from './composer/ClosedComposer'
import { Composer } from './composer/Composer'
import { PauseBanner } from './composer/PauseBanner'
import { KeyHint } from './composer/RunButtons'
import { MessageQueue } from './composer/MessageQueue'

interface ConversationFootProps {
  activeRun: ActiveRun
  queue: QueuedPath
  outgoing: readonly Outgoing[]
  draft: string
  onDraft: (text: string) => void
  /** Takes words that the server did not take. */
  restoreDraft: (text: string) => void
  onAsk: (text: string) => void
  isDisabled: boolean
  modelPicker: ReactNode
  toolPicker: ReactNode
  note: ReactNode
}

const place = cx('mx-auto w-full max-w-[780px] flex-none px-(--pad) pb-[max(8px,env(safe-area-inset-bottom))] max-md:px-2.5')

export function ClosedFoot() {
  return (
    <div className={place}>
      <ClosedComposer />
    </div>
  )
}

export function ConversationFoot({ activeRun, queue, outgoing, draft, onDraft, restoreDraft, onAsk, ...rest }: ConversationFootProps) {
  const { isDisabled, modelPicker, toolPicker, note } = rest
  const { pause, resume } = usePauseControls()
  const stop = useStop(activeRun.runId)
  const steer = useSteer(activeRun, restoreDraft)
  const { state, runId } = activeRun
  const canSteer = state === 'working' || state === 'paused'
  const isPaused = state === 'paused' || state === 'halted'
  return (
    <div className={place}>
      <Composer
        text={draft}
        onChange={onDraft}
        onSend={onAsk}
        onSteer={
          canSteer
            ? (text) => {
                onDraft('')
                steer(text)
              }
            : undefined
        }
        state={state}
        onStop={stop}
        onPause={() => runId !== null && pause.mutate(runId)}
        isPausing={pause.isPending}
        isDisabled={isDisabled}
        modelPicker={modelPicker}
        toolPicker={toolPicker}
        note={state !== 'idle' && draft.trim() !== '' ? <KeyHint canSteer={canSteer} /> : note}
      >
        <MessageQueue queue={queue} outgoing={outgoing} restoreDraft={restoreDraft} />
        {isPaused && runId !== null && <PauseBanner isHalted={state === 'halted'} isResuming={resume.isPending} onResume={() => resume.mutate(runId)} />}
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
