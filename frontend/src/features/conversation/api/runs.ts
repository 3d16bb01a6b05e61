/** A run: where it stands, what it did and what it was given. */
import { queryOptions } from '@tanstack/react-query'

import { api, type Page, type Step, unwrap } from '@/shared/api'

export const runKeys = {
  all: ['conversation', 'run'] as const,
  one: (id: string) => ['conversation', 'run', id] as const,
}

const QUEUE_POLL_MS = 2_000

/** Notes tell when it changes; only its place in the queue before the workers moves without one. */
export function runQuery(id: string) {
  return queryOptions({
    queryKey: runKeys.one(id),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/runs/{run_id}', { params: { path: { run_id: id } }, signal })),
    staleTime: Infinity,
    refetchInterval: ({ state }) => (state.data?.queue?.waits_for === 'worker' ? QUEUE_POLL_MS : false),
  })
}

const MOST_PAGES = 20

/** All steps of the answer. While it goes on, `revision` changes and the list is read again. */
export function stepsQuery(runId: string, revision: number) {
  return queryOptions({
    queryKey: ['conversation', 'steps', runId, revision] as const,
    queryFn: ({ signal }) => fetchSteps(runId, signal),
    placeholderData: (previous, query) => (query?.queryKey[2] === runId ? previous : undefined),
  })
}

async function fetchSteps(runId: string, signal: AbortSignal): Promise<Step[]> {
  const steps: Step[] = []
  let cursor: string | null = null
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query: { limit: number; cursor?: string } = cursor === null ? { limit: 200 } : { limit: 200, cursor }
    const answer: Page<Step> = await unwrap(
      api.GET('/api/v1/runs/{run_id}/steps', { params: { path: { run_id: runId }, query }, signal }),
    )
    steps.push(...answer.items)
    cursor = answer.next_cursor
    if (cursor === null) break
  }
  return steps
}

export function contextQuery(runId: string) {
  return queryOptions({
    queryKey: ['conversation', 'context', runId] as const,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/runs/{run_id}/context', { params: { path: { run_id: runId } }, signal })),
    // What went into a prompt does not change afterwards.
    staleTime: Infinity,
  })
}

/** Stop without the socket. */
export async function cancelRun(runId: string): Promise<void> {
  await unwrap(api.POST('/api/v1/runs/{run_id}/cancel', { params: { path: { run_id: runId } } }))
}
