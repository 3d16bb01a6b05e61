/** An empty list says one sentence and offers the action that fills it. */
import type { ReactNode } from 'react'

export function EmptyState({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-start gap-3 py-3 text-ui text-ink-2">
      <p className="max-w-prose">{children}</p>
      {action}
    </div>
  )
}
