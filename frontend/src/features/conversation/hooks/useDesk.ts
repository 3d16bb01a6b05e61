import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react'

import { useRunStream } from '@/shared/stream'

import { runQuery, type Run } from '../api/runs'
import type { Outgoing } from '../model/exchanges'
import { isLive, isPending, type Message } from '../model/message'
import type { RunState } from '../model/runState'
import type { PendingSteer } from '../model/steers'
import { deskOf, type Desk } from './desk'

export function useDesk(): Desk {
  return deskOf(useRunStream(), useQueryClient())
}

/** The questions of this session that the server does not have yet, in their order. */
export function useOutgoing(sessionId: string): readonly Outgoing[] {
  const { exchanges } = useDesk()
  return useSyncExternalStore(exchanges.subscribe, () => exchanges.of(sessionId))
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

/** What was thrown into an answer from here and has not arrived at the server. */
export function useOutgoingSteers(answerId: string): readonly PendingSteer[] {
  const { steers } = useDesk().controls
  return useSyncExternalStore(steers.subscribe, () => steers.of(answerId))
}

/** Where a run stands: paused, or in line. Null for what is over. */
export function useRun(runId: string | null): Run | null {
  const { data } = useQuery({ ...runQuery(runId ?? ''), enabled: runId !== null })
  return runId === null ? null : (data ?? null)
}

/** Follow every answer of the path that is still being made. */
export function useFollow(path: readonly Message[]): void {
  const { runs } = useDesk()
  const live = path.filter((message) => isLive(message) && message.status !== 'waiting' && !isPending(message))
  const latest = useRef(live)
  useEffect(() => {
    latest.current = live
  })
  const key = live.map(({ run_id: runId }) => runId).join(' ')
  useEffect(() => {
    const releases = latest.current.flatMap((message) => {
      if (message.run_id === null) return []
      runs.goOn(message.run_id, message)
      return [runs.claim(message.run_id)]
    })
    return () => {
      for (const release of releases) release()
    }
  }, [runs, key])
}
