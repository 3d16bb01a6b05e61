import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useSyncExternalStore } from 'react'

import { useRunStream } from '@/shared/stream'

import type { Outgoing } from '../model/exchanges'
import { isLive, type Message } from '../model/message'
import type { RunState } from '../model/runState'
import { deskOf, type Desk } from './desk'

export function useDesk(): Desk {
  return deskOf(useRunStream(), useQueryClient())
}

/** The question of this session that waits for its ack. */
export function useOutgoing(sessionId: string): Outgoing | null {
  const { exchanges } = useDesk()
  return useSyncExternalStore(exchanges.subscribe, () => exchanges.get(sessionId))
}

/** The live state of a run, as far as this tab has heard of it. */
export function useRunState(runId: string | null): RunState | null {
  const { runs } = useDesk()
  const subscribe = useCallback(
    (listener: () => void) => (runId === null ? () => undefined : runs.subscribe(runId, listener)),
    [runs, runId],
  )
  return useSyncExternalStore(subscribe, () => (runId === null ? null : runs.get(runId)))
}

/** Follow every answer of the path that is still being made. */
export function useFollow(path: readonly Message[]): void {
  const { runs } = useDesk()
  const live = path
    .filter((message) => isLive(message) && message.status !== 'waiting' && !message.id.startsWith('pending-'))
    .map((message) => message.run_id)
    .filter((runId) => runId !== null)
    .join(' ')
  useEffect(() => {
    const releases = live === '' ? [] : live.split(' ').map((runId) => runs.claim(runId))
    return () => {
      for (const release of releases) release()
    }
  }, [runs, live])
}
