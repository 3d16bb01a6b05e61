/** What holds for a tool at one level, and what it would be after a change: organization over person over chat. */
import type { Approval, Tool } from '@/shared/api'

export type Level = 'organization' | 'me' | 'session'
export type DeciderAbove = 'instance' | 'organization'
export type Decider = DeciderAbove | 'me'

export interface ToolChange {
  enabled?: false | null
  approval?: Approval | null
}

export const keyOf = ({ source, name }: Pick<Tool, 'source' | 'name'>) => `${source}/${name}`

/** Who has switched the tool off above this level. */
export function switchedOffBy({ locks, policies }: Tool, level: Level): Decider | null {
  if (level === 'organization') return locks.enabled === 'instance' ? 'instance' : null
  if (locks.enabled !== null) return locks.enabled
  return level === 'session' && policies.me.enabled === false ? 'me' : null
}

/** Who has decided above this level that every call is asked about. */
export function asksBecauseOf({ locks }: Tool, level: Level): DeciderAbove | null {
  return level === 'organization' && locks.approval === 'organization' ? null : locks.approval
}

export function isOn(tool: Tool, level: Level): boolean {
  return switchedOffBy(tool, level) === null && tool.policies[level]?.enabled !== false
}

/** The tool as it will be, shown before the server has said so. */
export function withChange(tool: Tool, level: Level, change: ToolChange): Tool {
  const said = tool.policies[level] ?? { enabled: null, approval: null }
  const policies = { ...tool.policies, [level]: { ...said, ...change } }
  const byOrganization = policies.organization.enabled === false ? ('organization' as const) : null
  const enabled = tool.locks.enabled === 'instance' ? tool.locks.enabled : byOrganization
  const isOff = enabled !== null || policies.me.enabled === false || policies.session?.enabled === false
  return { ...tool, policies, locks: { ...tool.locks, enabled }, enabled: !isOff }
}

/** The word of a level as it stands now, to go back to. */
export function saidAt({ policies }: Tool, level: Level): ToolChange {
  const said = policies[level]
  return { enabled: said?.enabled === false ? false : null, approval: said?.approval ?? null }
}
