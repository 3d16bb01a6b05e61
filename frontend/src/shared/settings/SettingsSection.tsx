/** A titled part of a settings page. Parts stand apart by space, not by boxes. */
import type { ReactNode } from 'react'

interface SettingsSectionProps {
  title: ReactNode
  lead?: ReactNode
  action?: ReactNode
  children: ReactNode
}

export function SettingsSection({ title, lead, action, children }: SettingsSectionProps) {
  return (
    <section className="pb-9">
      <div className="flex flex-wrap items-end justify-between gap-x-4 gap-y-2 pb-4">
        <div className="min-w-0">
          <h2 className="text-h3">{title}</h2>
          {lead && <p className="mt-1 max-w-prose text-ui text-ink-2">{lead}</p>}
        </div>
        {action}
      </div>
      {children}
    </section>
  )
}
