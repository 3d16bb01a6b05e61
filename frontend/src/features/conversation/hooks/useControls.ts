import { useLingui } from '@lingui/react/macro'
import { useMutation } from '@tanstack/react-query'

import type { Decision } from '@/shared/stream'
import { toasts } from '@/shared/ui'

import { useErrorWords } from '../components/answer/errorWords'
import type { Outgoing } from '../model/exchanges'
import type { Waiting } from '../model/queue'
import { useDesk } from './useDesk'

/** It came too late, and the screen shows why by itself. */
const NO_NEWS = new Set(['runs.not_running', 'runs.not_paused'])

export function useTellError(): (error: Error) => void {
  const wordsOf = useErrorWords()
  return (error) => {
    const { code = 'network' } = error as { code?: string }
    if (!NO_NEWS.has(code)) toasts.show({ text: wordsOf(code, error.message), tone: 'error' })
  }
}

/** Pause and go on, for the answer at the end. */
export function usePausing() {
  const { controls } = useDesk()
  const onError = useTellError()
  const pause = useMutation({ mutationFn: (runId: string) => controls.pause(runId), onError })
  const resume = useMutation({ mutationFn: (runId: string) => controls.resume(runId), onError })
  return { pause, resume }
}

/** Have an answer that was cut written on. */
export function useWritingOn() {
  const { controls } = useDesk()
  const onError = useTellError()
  return useMutation({ mutationFn: (runId: string) => controls.writeOn(runId), onError })
}

/** The decisions on all calls that an answer waits with. */
export function useDeciding(runId: string) {
  const { controls } = useDesk()
  const onError = useTellError()
  return useMutation({ mutationFn: (decisions: readonly Decision[]) => controls.decide(runId, decisions), onError })
}

/** What can be done to a question in line. `giveBack` takes words that the server did not. */
export function useWaitingLine(giveBack: (text: string) => void) {
  const { t } = useLingui()
  const desk = useDesk()
  const { controls } = desk
  const onError = useTellError()
  const send = useMutation({ mutationFn: (runId: string) => controls.resume(runId), onError })
  const remove = useMutation({ mutationFn: (waiting: Waiting) => controls.remove(waiting), onError })
  const edit = useMutation({
    mutationFn: ({ waiting, text }: { waiting: Waiting; text: string }) => controls.edit(waiting, text),
    onError: (error, { text }) => {
      giveBack(text)
      onError(error)
      toasts.show({ text: t`Your words are back in the field below.` })
    },
  })
  return { send, remove, edit, forget: (unsent: Outgoing) => desk.takeBack(unsent) }
}
