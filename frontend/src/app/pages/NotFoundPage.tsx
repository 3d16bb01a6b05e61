/** An address that leads nowhere. */
import { Trans, useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'

import { Button } from '@/shared/ui'

import { PlainPage } from './PlainPage'

export function NotFoundPage() {
  const { t } = useLingui()
  return (
    <PlainPage title={t`There is nothing here`}>
      <p className="text-ui text-ink-2">
        <Trans>The address may be mistyped, or what was here has been deleted.</Trans>
      </p>
      <Button asChild className="mt-5">
        <Link to="/">
          <Trans>Start a chat</Trans>
        </Link>
      </Button>
    </PlainPage>
  )
}
