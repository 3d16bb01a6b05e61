/** A picture from elsewhere. Loading it tells its host that somebody reads, so it waits for a click. */
import { Trans, useLingui } from '@lingui/react/macro'
import { Image as Picture } from 'lucide-react'
import { useState } from 'react'

export function RemoteImage({ src, alt }: { src: string; alt: string }) {
  const { t } = useLingui()
  const [state, setState] = useState<'waiting' | 'shown' | 'failed'>('waiting')
  const host = hostOf(src)
  if (host === null) return <span>{alt}</span>
  if (state === 'shown') {
    return <img src={src} alt={alt} referrerPolicy="no-referrer" loading="lazy" onError={() => setState('failed')} />
  }
  if (state === 'failed') {
    return (
      <a href={src} target="_blank" rel="noopener noreferrer nofollow">
        <Trans>This picture cannot be shown here. Open it at {host}</Trans>
      </a>
    )
  }
  return (
    <button type="button" className="remote-image" onClick={() => setState('shown')} title={src}>
      <Picture aria-hidden />
      <span>{alt === '' ? t`Picture` : alt}</span>
      <span className="text-ink-3">
        <Trans>Load from {host}</Trans>
      </span>
    </button>
  )
}

function hostOf(src: string): string | null {
  try {
    return new URL(src).host
  } catch {
    return null
  }
}
