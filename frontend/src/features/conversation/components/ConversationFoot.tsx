/** Below the messages: the line of questions, a pause, and the composer. */
import type { ReactNode } from 'react'

import { cancelRun } from '../api/runs'
import { usePausing, useTellError } from '../hooks/useControls'
import { useDesk } from '../hooks/useDesk'
import type { Front } from '../hooks/useFront'
import type { Outgoing } from '../model/exchanges'
import type { Line } from '../model/queue'
import { Composer } from './composer/Composer'
import { PauseLine } from './composer/PauseLine'
import { KeyHint } from './composer/RunButtons'
import { WaitingLine } from './composer/WaitingLine'

interface ConversationFootProps {
  front: Front
  line: Line
  outgoing: readonly Outgoing[]
  draft: string
  onDraft: (text: string) => void
  /** Takes words that the server did not take. */
  giveBack: (text: string) => void
  onAsk: (text: string) => void
  isDisabled: boolean
  modelPicker: ReactNode
  note: ReactNode
}

export function ConversationFoot({ front, line, outgoing, draft, onDraft, giveBack, onAsk, ...rest }: ConversationFootProps) {
  const { isDisabled, modelPicker, note } = rest
  const { pause, resume } = usePausing()
  const stop = useStop(front.runId)
  const steer = useSteer(front, giveBack)
  const { state, runId } = front
  const canSteer = state === 'working' || state === 'paused'
  const isPaused = state === 'paused' || state === 'halted'
  return (
    <div className="mx-auto w-full max-w-[780px] flex-none px-(--pad) pb-[max(8px,env(safe-area-inset-bottom))] max-md:px-2.5">
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
        note={state !== 'idle' && draft.trim() !== '' ? <KeyHint canSteer={canSteer} /> : note}
      >
        <WaitingLine line={line} outgoing={outgoing} giveBack={giveBack} />
        {isPaused && runId !== null && <PauseLine isHalted={state === 'halted'} isResuming={resume.isPending} onResume={() => resume.mutate(runId)} />}
      </Composer>
    </div>
  )
}

function useStop(runId: string | null): () => void {
  const desk = useDesk()
  const tellError = useTellError()
  return () => {
    if (runId !== null) desk.stop(runId, cancelRun).catch(tellError)
  }
}

/** What the answer does not take comes back to the field. */
function useSteer({ answer, runId }: Front, giveBack: (text: string) => void): (text: string) => void {
  const { controls } = useDesk()
  const tellError = useTellError()
  return (text) => {
    if (answer === null || runId === null) return
    controls.steer(answer, runId, text).catch((error: Error) => {
      giveBack(text)
      tellError(error)
    })
  }
}
