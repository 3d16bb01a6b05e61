/** What a person may do. */
import { useLingui } from '@lingui/react/macro'
import type { ComponentProps } from 'react'

import type { Role } from '@/shared/api'
import { Select } from '@/shared/ui'

const ROLES: Role[] = ['admin', 'member', 'viewer']

export function useRoleNames(): Record<Role, string> {
  const { t } = useLingui()
  return { admin: t`Administrator`, member: t`Member`, viewer: t`Viewer` }
}

interface RoleSelectProps extends Omit<ComponentProps<'select'>, 'value' | 'onChange'> {
  value: Role
  onChange: (role: Role) => void
}

export function RoleSelect({ value, onChange, ...rest }: RoleSelectProps) {
  const names = useRoleNames()
  return (
    <Select {...rest} value={value} onChange={(event) => onChange(event.target.value as Role)}>
      {ROLES.map((role) => (
        <option key={role} value={role}>
          {names[role]}
        </option>
      ))}
    </Select>
  )
}
