/** One thin line under the header of the page (which is positioned) while the live connection is away. Never a modal: everything can still be read. */
import { Trans } from '@lingui/react/macro'
import { useEffect, useState } from 'react'

import { useConnection } from '@/shared/stream'

/** A connection that is back at once needs no word. */
const PATIENCE_MS = 1_200

export function ConnectionLine() {
  const { phase } = useConnection()
  const isAway = phase === 'offline' || phase === 'stopped'
  const [isLong, setLong] = useState(false)

  useEffect(() => {
    if (!isAway) return
    const timer = setTimeout(() => setLong(true), PATIENCE_MS)
    return () => {
      clearTimeout(timer)
      setLong(false)
    }
  }, [isAway])

  return (
    <div role="status" className="pointer-events-none absolute print:hidden inset-x-0 top-12 z-20">
      {isAway && isLong && (
        <p className="animate-appear border-b border-line bg-warn-soft px-4 py-0.5 text-center text-badge text-warn">
          {phase === 'stopped' ? (
            <Trans>This address is not the one that Coda was set up for, so live answers are off.</Trans>
          ) : (
            <Trans>Reconnecting. Nothing is lost.</Trans>
          )}
        </p>
      )}
    </div>
  )
}
