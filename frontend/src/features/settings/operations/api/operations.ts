/** The instance as its operators see it: figures, workers, background jobs. Fresh every five seconds while it is looked at. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'

import { api, type Job, type JobStatus, type Overview, type Page, pagedQuery, unwrap } from '@/shared/api'

const FRESH_MS = 5_000

const operationsKeys = { all: ['operations'] as const, jobs: (status: JobStatus) => ['operations', 'jobs', status] as const }

export const overviewQuery = queryOptions({
  queryKey: [...operationsKeys.all, 'overview'] as const,
  queryFn: () => unwrap<Overview>(api.GET('/api/v1/admin/overview')),
  refetchInterval: FRESH_MS,
})

export const jobsQuery = (status: JobStatus) =>
  pagedQuery({
    queryKey: operationsKeys.jobs(status),
    read: ({ query, signal }) => unwrap<Page<Job>>(api.GET('/api/v1/admin/jobs', { params: { query: { ...query, status } }, signal })),
    refetchInterval: FRESH_MS,
  })

export function useRetryJob() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (id: number) => unwrap<Job>(api.POST('/api/v1/admin/jobs/{job_id}/retry', { params: { path: { job_id: id } } })),
    onSettled: () => cache.invalidateQueries({ queryKey: operationsKeys.all }),
  })
}
