/** A secret that is shown this once, easy to copy whole. */
import type { ReactNode } from 'react'

import { CopyButton } from './CopyButton'

interface SecretLineProps {
  label: ReactNode
  text: string
  note: ReactNode
}

export function SecretLine({ label, text, note }: SecretLineProps) {
  return (
    <div className="rounded-block bg-accent-soft p-3">
      <p dir="auto" className="text-row font-medium text-ink">{label}</p>
      <div className="mt-1 flex items-center gap-2">
        <code className="min-w-0 flex-1 font-mono text-code break-all text-ink select-all">{text}</code>
        <CopyButton text={() => text} />
      </div>
      <p className="mt-1 text-row text-ink-2">{note}</p>
    </div>
  )
}
