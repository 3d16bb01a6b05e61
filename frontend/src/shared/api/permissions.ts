/** What the caller may do here: screens offer nothing else. The server judges every request all the same. */
import { useMe } from './me'
import type { Me, Role } from './types'

export type Permission =
  | 'account:write'
  | 'credentials:write'
  | 'sessions:write'
  | 'runs:write'
  | 'organization:write'
  | 'people:manage'
  | 'connections:manage'
  | 'instance:operate'

const VIEWER: Permission[] = ['account:write', 'credentials:write']
const MEMBER: Permission[] = [...VIEWER, 'sessions:write', 'runs:write']
const ROLES: Record<Role, Permission[]> = {
  viewer: VIEWER,
  member: MEMBER,
  admin: [...MEMBER, 'organization:write', 'people:manage', 'connections:manage'],
}

export function may({ organization, user }: Me, permission: Permission): boolean {
  if (permission === 'instance:operate') return user.is_operator
  return ROLES[organization.role].includes(permission)
}

export function useMay(permission: Permission): boolean {
  return may(useMe(), permission)
}
