/** What the caller may do here, as the server tells: screens offer nothing else. It judges every request all the same. */
import { useMe } from './me'
import type { Me } from './types'

/** The rights that screens ask about; the server has some more. */
export const PERMISSIONS = [
  'account:write',
  'sessions:write',
  'runs:write',
  'organization:write',
  'people:manage',
  'connections:read',
  'connections:manage',
  'instance:read',
  'instance:operate',
] as const

export type Permission = (typeof PERMISSIONS)[number]

export function may({ permissions }: Me, permission: Permission): boolean {
  return permissions.includes(permission)
}

export function useMay(permission: Permission): boolean {
  return may(useMe(), permission)
}
