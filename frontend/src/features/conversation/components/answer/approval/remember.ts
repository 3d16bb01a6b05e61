/** For how long an approval may be: where nobody above has the tool ask always. */
import type { Tool, ToolDecision } from '@/shared/api'

export type Remember = NonNullable<ToolDecision['remember']>

/** What can be chosen for all of these tools; one that is not known can only be allowed this once. */
export function rememberFor(tools: readonly (Tool | undefined)[]): readonly Remember[] {
  const isOpen = (tool: Tool | undefined) => tool !== undefined && tool.locks.approval === null
  if (tools.length === 0 || !tools.every(isOpen)) return []
  const asksMeAlways = tools.some((tool) => tool?.policies.me.approval === 'always')
  return asksMeAlways ? ['me'] : ['session', 'me']
}
