/** What the roles may, as the server would tell; for tests. */
import type { Permission, Role } from '@/shared/api'

const VIEWER: Permission[] = ['account:write']
const MEMBER: Permission[] = [...VIEWER, 'sessions:write', 'runs:write']

export const ROLE_PERMISSIONS: Record<Role, Permission[]> = {
  viewer: VIEWER,
  member: MEMBER,
  admin: [...MEMBER, 'organization:write', 'people:manage', 'connections:read', 'connections:manage'],
}

export const OPERATOR_PERMISSIONS: Permission[] = ['instance:read', 'instance:operate']
