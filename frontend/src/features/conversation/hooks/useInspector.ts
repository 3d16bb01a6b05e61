import { useCallback, useState } from 'react'

import { useStored } from '@/shared/hooks'
import { useRegionForm } from '@/shared/ui'

import type { Message } from '../model/message'
import { isWork } from '../model/steps'
import { useRunState } from './useRuntime'

type Choice = 'open' | 'closed' | 'free'

/**
 * Beside the conversation it stays as a person left it; until they have chosen, it opens with the first reasoning or
 * tool call there is to see. Over the conversation it opens only when asked. It never takes the focus.
 */
export function useInspector(path: readonly Message[]) {
  const isBeside = useRegionForm('right') === 'beside'
  const [choice, setChoice] = useStored<Choice>('inspector', 'free')
  const [isCalled, setCalled] = useState(false)
  const [chosenId, setChosen] = useState<string | null>(null)
  const hasWork = useHasWork(path)
  const setOpen = (open: boolean) => {
    setCalled(open)
    if (isBeside) setChoice(open ? 'open' : 'closed')
  }
  const isOpen = isBeside ? choice === 'open' || (choice === 'free' && hasWork) : isCalled
  const inspect = useCallback(
    (answerId: string) => {
      setChosen(answerId)
      setCalled(true)
      setChoice('open')
    },
    [setChoice],
  )
  return { isOpen, chosenId, inspect, toggle: () => setOpen(!isOpen), close: () => setOpen(false) }
}

/** Whether an answer has thought or used a tool, the one being made included. */
function useHasWork(path: readonly Message[]): boolean {
  const run = useRunState(path.at(-1)?.run_id ?? null)
  const isWorking = run !== null && run.entries.some(({ part }) => isWork(part))
  return isWorking || path.some(({ content }) => content.some(isWork))
}
