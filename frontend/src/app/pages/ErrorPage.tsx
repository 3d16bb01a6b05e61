/** When a page cannot be shown: what happened, and the one thing to do. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'

import { ApiError, useErrorText } from '@/shared/api'
import { useWindowEvent } from '@/shared/hooks'
import { Button } from '@/shared/ui'

import { PlainPage } from './PlainPage'

const RETRY_MS = 4_000

export function ErrorPage({ error }: { error: unknown }) {
  const { t } = useLingui()
  const router = useRouter()
  const errorText = useErrorText()
  const isNetwork = error instanceof ApiError && (error.isNetwork || error.status >= 502)
  const retry = () => void router.invalidate()

  // A server that restarts is back soon: the page comes by itself.
  useEffect(() => {
    if (!isNetwork) return
    const timer = setInterval(retry, RETRY_MS)
    return () => clearInterval(timer)
  })
  useWindowEvent('online', retry)

  return (
    <PlainPage title={isNetwork ? t`Coda cannot be reached` : t`This page could not be shown`}>
      <p className="text-ui text-ink-2">
        {isNetwork ? <Trans>It may be starting again. This page tries by itself every few seconds.</Trans> : errorText(error)}
      </p>
      <div className="mt-5 flex gap-2">
        <Button onClick={retry}>
          <Trans>Try now</Trans>
        </Button>
        {!isNetwork && (
          <Button variant="quiet" onClick={() => location.assign('/')}>
            <Trans>Go to the start</Trans>
          </Button>
        )}
      </div>
      {!isNetwork && error instanceof Error && (
        <details className="mt-6 text-row text-ink-3">
          <summary>
            <Trans>Details</Trans>
          </summary>
          <pre className="mt-2 overflow-x-auto font-mono whitespace-pre-wrap">{error instanceof ApiError ? error.code : error.message}</pre>
        </details>
      )}
    </PlainPage>
  )
}
