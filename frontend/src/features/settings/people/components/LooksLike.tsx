/** Warns of an address that a reader takes for another: letters of another script have the shape of Latin ones. */
import { Trans } from '@lingui/react/macro'
import { TriangleAlert } from 'lucide-react'

import type { Invite } from '@/shared/api'

export function LooksLike({ invite }: { invite: Invite }) {
  const { looks_like: other, ascii_domain: domain } = invite
  if (other === null && domain === null) return null
  if (other === null) return <p className="text-row text-ink-2"><Trans>Its domain is written {domain}.</Trans></p>
  return (
    <p role="note" className="mt-1 flex max-w-prose gap-1.5 text-row text-warn">
      <TriangleAlert aria-hidden className="mt-px" />
      <span className="min-w-0 break-words">
        <Trans>
          This is not <b>{other}</b>: some letters are of another alphabet.
        </Trans>{' '}
        {domain !== null && <Trans>Its domain is written {domain}.</Trans>}
      </span>
    </p>
  )
}
