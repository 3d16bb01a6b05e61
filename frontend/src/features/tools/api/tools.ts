/** Switching tools: shown at once, taken back where the server refuses. */
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, type Tool, toolKeys, type Tools, unwrap, useErrorText } from '@/shared/api'
import { toasts } from '@/shared/ui'

import { firstChoices } from '../model/firstChoices'
import { keyOf, type Level, saidAt, type ToolChange, withChange } from '../model/policies'

interface ChangeAt {
  tool: Tool
  level: Level
  change: ToolChange
}

function patchTool({ name, source }: Tool, body: ToolChange & { for: Level; session_id?: string }): Promise<Tool> {
  return unwrap<Tool>(api.PATCH('/api/v1/tools/{name}', { params: { path: { name }, query: { source } }, body }))
}

export function useChangeTool(sessionId?: string) {
  const cache = useQueryClient()
  const errorText = useErrorText()
  const key = toolKeys.in(sessionId)
  const show = ({ tool, level }: ChangeAt, change: ToolChange) =>
    cache.setQueryData<Tools>(key, (known) => known && { items: known.items.map((item) => (keyOf(item) === keyOf(tool) ? withChange(item, level, change) : item)) })
  const isLast = () => cache.isMutating({ mutationKey: toolKeys.all }) === 1
  return useMutation({
    mutationKey: toolKeys.all,
    // One after the other, so that the last press is the last word.
    scope: { id: 'tools' },
    mutationFn: ({ tool, level, change }: ChangeAt) => patchTool(tool, { ...change, for: level, ...(level === 'session' ? { session_id: sessionId } : {}) }),
    onMutate: async (wanted) => {
      show(wanted, wanted.change)
      await cache.cancelQueries({ queryKey: toolKeys.all })
    },
    onError: (error, wanted) => {
      show(wanted, saidAt(wanted.tool, wanted.level))
      toasts.show({ text: errorText(error), tone: 'error' })
    },
    onSettled: () => (isLast() ? cache.invalidateQueries({ queryKey: toolKeys.all }) : undefined),
  })
}

/** What was switched off before the chat began holds in it from its first question on. */
const applied = new Map<string, ReturnType<typeof firstChoices.get>>()

export async function applyFirstChoices(sessionId: string): Promise<void> {
  for (const tool of firstChoices.get().values()) await patchTool(tool, { enabled: false, for: 'session', session_id: sessionId })
  applied.set(sessionId, firstChoices.get())
  firstChoices.set(new Map())
}

/** The chat was not begun after all: what was chosen for it holds for the next one. */
export function takeBackFirstChoices(sessionId: string): void {
  firstChoices.set(applied.get(sessionId) ?? firstChoices.get())
}
