/** Where the composer would stand, for those who may only read. */
import { Trans } from '@lingui/react/macro'

export function ClosedComposer() {
  return (
    <p className="rounded-composer border border-line bg-panel px-4 py-3 text-ui text-ink-2">
      <Trans>You can read here. Ask an administrator to write.</Trans>
    </p>
  )
}
