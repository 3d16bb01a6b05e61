import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'

import type { Run } from '@/shared/api'
import { useLatest } from '@/shared/hooks'
import { useRunStream } from '@/shared/stream'

import { runQuery } from '../api/runs'
import type { Outgoing } from '../model/outgoing'
import { isLive, isPending, type Message } from '../model/message'
import type { RunState } from '../model/runState'
import type { PendingSteer } from '../model/steers'
import { runtimeOf, type ConversationRuntime } from '../runtime/conversationRuntime'

export function useRuntime(): ConversationRuntime {
  return runtimeOf(useRunStream(), useQueryClient())
}

/** The questions of this session that the server does not have yet, in their order. */
export function useOutgoing(sessionId: string): readonly Outgoing[] {
  const { outbox } = useRuntime()
  return useSyncExternalStore(outbox.subscribe, () => outbox.of(sessionId))
}

/** The live state of a run, as far as this tab has heard of it. */
export function useRunState(runId: string | null): RunState | null {
  const { runs } = useRuntime()
  return useSyncExternalStore(runs.subscribe, () => (runId === null ? null : runs.get(runId)))
}

/** What was thrown into an answer from here and has not arrived at the server. */
export function usePendingSteers(answerId: string): readonly PendingSteer[] {
  const { steers } = useRuntime().controls
  return useSyncExternalStore(steers.subscribe, () => steers.of(answerId))
}

/** Where a run stands: paused, or queued. Null for what is over. */
export function useRun(runId: string | null): Run | null {
  const { data } = useQuery({ ...runQuery(runId ?? ''), enabled: runId !== null })
  return runId === null ? null : (data ?? null)
}

/** Follow every answer of the path that is still being made. */
export function useFollow(path: readonly Message[]): void {
  const { runs } = useRuntime()
  const live = path.filter((message) => isLive(message) && message.status !== 'waiting' && !isPending(message))
  const latest = useLatest(live)
  const key = live.map(({ run_id: runId }) => runId).join(' ')
  useEffect(() => {
    const releases = latest.current.flatMap((message) => {
      if (message.run_id === null) return []
      runs.continueFrom(message.run_id, message)
      return [runs.retain(message.run_id)]
    })
    return () => {
      for (const release of releases) release()
    }
  }, [runs, key, latest])
}
