import { useLingui } from '@lingui/react/macro'

import type { Organization } from './types'

/** What the server calls the organization that everybody joins, until somebody names it. */
const UNNAMED = 'Everyone'

/** What an organization is called: in the reader's language where nobody has given it a name. */
export function useOrganizationName(): (organization: Pick<Organization, 'kind' | 'name'>) => string {
  const { t } = useLingui()
  return ({ kind, name }) => {
    if (kind === 'personal') return t`Personal`
    return name === UNNAMED ? t`Everyone` : name
  }
}
