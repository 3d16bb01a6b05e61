import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'

/** One sentence that says what went wrong and what to do; read out when it appears. */
export function ErrorLine({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="flex gap-1.5 text-row text-danger">
      <CircleAlert aria-hidden className="mt-px" />
      <span>{children}</span>
    </p>
  )
}
