/** Sources of tools: tried, kept, asked again, changed, removed. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'

import { api, type Page, pagedQuery, toolKeys, type ToolSource, type ToolSourceCreate, type ToolSourceLog, type ToolSourcePatch, type ToolSourceSummary, type ToolSourceTest, unwrap } from '@/shared/api'

/** Milliseconds. */
const LOG_READ_EVERY = 3_000

export const toolSourcesQuery = pagedQuery({
  queryKey: ['tool-sources'],
  read: ({ query, signal }) => unwrap<Page<ToolSourceSummary>>(api.GET('/api/v1/tool-sources', { params: { query }, signal })),
})

/** One with its tools, which the list only counts. */
export const toolSourceQuery = (id: string) =>
  queryOptions({
    queryKey: [...toolSourcesQuery.queryKey, 'one', id],
    queryFn: ({ signal }) => unwrap<ToolSource>(api.GET('/api/v1/tool-sources/{source_id}', { params: { path: { source_id: id } }, signal })),
  })

/** What a command has written, read again while it is looked at. */
export const sourceLogQuery = (id: string) =>
  queryOptions({
    queryKey: [...toolSourcesQuery.queryKey, 'log', id],
    queryFn: ({ signal }) => unwrap<ToolSourceLog>(api.GET('/api/v1/tool-sources/{source_id}/log', { params: { path: { source_id: id } }, signal })),
    refetchInterval: LOG_READ_EVERY,
  })

/** After a refusal too: what is shown may be what the server has just denied. */
function useReadAgain() {
  const cache = useQueryClient()
  return () =>
    Promise.all([cache.invalidateQueries({ queryKey: toolSourcesQuery.queryKey }), cache.invalidateQueries({ queryKey: toolKeys.all })])
}

export function useTestSource() {
  return useMutation({
    mutationFn: (body: ToolSourceCreate) => unwrap<ToolSourceTest>(api.POST('/api/v1/tool-sources/test', { body })),
  })
}

/** Keeps a source; one that does not answer is kept too, and says why. */
export function useCreateSource() {
  const onSettled = useReadAgain()
  return useMutation({
    mutationFn: (body: ToolSourceCreate) => unwrap<ToolSource>(api.POST('/api/v1/tool-sources', { body })),
    onSettled,
  })
}

export function useChangeSource(id: string) {
  const onSettled = useReadAgain()
  return useMutation({
    mutationFn: (change: Partial<ToolSourcePatch>) =>
      unwrap<ToolSource>(api.PATCH('/api/v1/tool-sources/{source_id}', { params: { path: { source_id: id } }, body: { tools: [], ...change } })),
    onSettled,
  })
}

export function useRefreshSource(id: string) {
  const onSettled = useReadAgain()
  return useMutation({
    mutationFn: () => unwrap<ToolSource>(api.POST('/api/v1/tool-sources/{source_id}/refresh', { params: { path: { source_id: id } } })),
    onSettled,
  })
}

export function useDeleteSource(id: string) {
  const onSettled = useReadAgain()
  return useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/v1/tool-sources/{source_id}', { params: { path: { source_id: id } } })),
    onSettled,
  })
}
