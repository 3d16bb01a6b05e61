/** In place of a page that is not open to this person: why, and who can help. */
import { Trans } from '@lingui/react/macro'

import { useMe, useOrganizationName } from '@/shared/api'
import { EmptyState } from '@/shared/ui'

import type { closedBy } from './pages'

export function ClosedPage({ closedBy: reason }: { closedBy: NonNullable<ReturnType<typeof closedBy>> }) {
  const name = useOrganizationName()(useMe().organization)
  return (
    <EmptyState>
      {reason === 'personal' && <Trans>You are alone in your personal organization. Switch to a shared one to see its people.</Trans>}
      {reason === 'permission' && <Trans>This page is for administrators of {name}. Ask one of them.</Trans>}
      {reason === 'instance' && <Trans>This page is for those who run this server.</Trans>}
    </EmptyState>
  )
}
