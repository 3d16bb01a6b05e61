/** Tools switched off for a chat that has not begun: they wait here until it is made. */
import { Store, withEntry } from '@/shared/lib/store'
import type { Tool } from '@/shared/api'

import { keyOf, withChange } from './policies'

export const firstChoices = new Store<ReadonlyMap<string, Tool>>(new Map())

export function chooseFirst(tool: Tool, isOn: boolean): void {
  firstChoices.set(withEntry(firstChoices.get(), keyOf(tool), isOn ? undefined : tool))
}

/** The tools as they will be in the chat. */
export function withFirstChoices(tools: readonly Tool[], off: ReadonlyMap<string, Tool>): Tool[] {
  return tools.map((tool) => {
    const inChat = { ...tool, policies: { ...tool.policies, session: tool.policies.session ?? { enabled: null, approval: null } } }
    return withChange(inChat, 'session', { enabled: off.has(keyOf(tool)) ? false : null })
  })
}
