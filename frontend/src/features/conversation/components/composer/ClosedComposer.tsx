/** Where the composer would stand, for those who may only read. */
import { Trans } from '@lingui/react/macro'

import { useMe, useOrganizationName } from '@/shared/api'

export function ClosedComposer() {
  const name = useOrganizationName()(useMe().organization)
  return (
    <p className="rounded-composer border border-line bg-panel px-4 py-3 text-ui text-ink-2">
      <Trans>You are a viewer in {name}: you can read here, and not write. An administrator can make you a member.</Trans>
    </p>
  )
}
