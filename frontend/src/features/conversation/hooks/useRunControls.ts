import { useLingui } from '@lingui/react/macro'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { problemOf, toolKeys, type ToolDecision } from '@/shared/api'
import { toasts } from '@/shared/ui'

import type { Outgoing } from '../model/outgoing'
import type { QueuedQuestion } from '../model/queue'
import { useRunErrorText } from './useRunErrorText'
import { useRuntime } from './useRuntime'

/** It came too late, and the screen shows why by itself. */
const TOO_LATE = new Set(['runs.not_running', 'runs.not_paused'])

export function useShowRunError(): (error: Error) => void {
  const errorText = useRunErrorText()
  return (error) => {
    const problem = problemOf(error)
    if (!TOO_LATE.has(problem.code)) toasts.show({ text: errorText(problem), tone: 'error' })
  }
}

/** Pause and resume, for the answer at the end. */
export function usePauseControls() {
  const { controls } = useRuntime()
  const onError = useShowRunError()
  const pause = useMutation({ mutationFn: (runId: string) => controls.pause(runId), onError })
  const resume = useMutation({ mutationFn: (runId: string) => controls.resume(runId), onError })
  return { pause, resume }
}

/** Continue an answer that was cut. */
export function useContinueRun() {
  const { controls } = useRuntime()
  const onError = useShowRunError()
  return useMutation({ mutationFn: (runId: string) => controls.continueRun(runId), onError })
}

/** The decisions on all calls that an answer waits with. */
export function useToolDecisions(runId: string) {
  const { controls } = useRuntime()
  const cache = useQueryClient()
  const onError = useShowRunError()
  return useMutation({
    mutationFn: (decisions: readonly ToolDecision[]) => controls.decide(runId, decisions),
    onSuccess: (_run, decisions) => (decisions.some(({ remember }) => remember) ? cache.invalidateQueries({ queryKey: toolKeys.all }) : undefined),
    onError,
  })
}

/** What can be done to a queued question. `restoreDraft` takes words that the server did not. */
export function useQueueControls(restoreDraft: (text: string) => void) {
  const { t } = useLingui()
  const runtime = useRuntime()
  const { controls } = runtime
  const onError = useShowRunError()
  const send = useMutation({ mutationFn: (runId: string) => controls.resume(runId), onError })
  const remove = useMutation({ mutationFn: (waiting: QueuedQuestion) => controls.remove(waiting), onError })
  const edit = useMutation({
    mutationFn: ({ waiting, text }: { waiting: QueuedQuestion; text: string }) => controls.edit(waiting, text),
    onError: (error, { text }) => {
      restoreDraft(text)
      onError(error)
      toasts.show({ text: t`Your words are back in the field below.` })
    },
  })
  return { send, remove, edit, forget: (unsent: Outgoing) => runtime.withdraw(unsent) }
}
