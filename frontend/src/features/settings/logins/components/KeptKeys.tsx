/** After a change of password: the API keys that go on working, and the way to end them too. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'

import { ProblemLine } from '@/shared/problems'
import { ConfirmInRow } from '@/shared/settings'
import { Button } from '@/shared/ui'

import { useRevokeApiKeys } from '../api/logins'

export function KeptKeys({ count }: { count: number }) {
  const { t } = useLingui()
  const revoke = useRevokeApiKeys()
  if (count === 0) return null
  return (
    <div role="status" className="mt-4 max-w-prose rounded-block border border-line bg-panel px-4 py-3 text-ui">
      {revoke.isSuccess ? (
        <p>
          <Trans>All your API keys in this organization are revoked.</Trans>
        </p>
      ) : (
        <>
          <p className="font-medium">
            <Plural value={count} one="# API key of yours still works." other="# API keys of yours still work." />
          </p>
          <p className="mt-1 text-row text-ink-2">
            <Trans>They do not depend on the password. If somebody may have seen them, revoke them and make new ones.</Trans>
          </p>
          {revoke.error && <ProblemLine error={revoke.error} />}
          <div className="mt-2 flex flex-wrap items-center gap-2">
            <ConfirmInRow action={t`Revoke all keys`} label={t`Revoke all your API keys`} busy={revoke.isPending} onConfirm={() => revoke.mutate()} />
            <Button asChild variant="quiet" size="sm">
              <Link to="/settings/keys">
                <Trans>Look at the keys</Trans>
              </Link>
            </Button>
          </div>
        </>
      )}
    </div>
  )
}
