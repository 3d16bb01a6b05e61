/** A named part of an inspector tab. */
import type { ReactNode } from 'react'

export function Section({ title, children }: { title?: ReactNode; children: ReactNode }) {
  return (
    <section>
      {title !== undefined && <h3 className="mb-2 text-row font-medium text-ink">{title}</h3>}
      {children}
    </section>
  )
}

export function Quiet({ children }: { children: ReactNode }) {
  return <p className="text-row text-ink-2">{children}</p>
}

interface ShareRowProps {
  label: ReactNode
  value: ReactNode
  share: number
  /** Background of the bar. */
  tone?: string
}

/** A figure with a thin bar of its share below. */
export function ShareRow({ label, value, share, tone = 'bg-accent' }: ShareRowProps) {
  return (
    <div className="py-1.5">
      <div className="flex items-baseline justify-between gap-3 text-row">
        <span className="text-ink-2">{label}</span>
        <span className="flex-none text-ink">{value}</span>
      </div>
      <div className="mt-1 h-1 rounded-full bg-line">
        <div className={`h-1 rounded-full ${tone}`} style={{ width: `${String(Math.min(1, Math.max(0, share)) * 100)}%` }} />
      </div>
    </div>
  )
}
