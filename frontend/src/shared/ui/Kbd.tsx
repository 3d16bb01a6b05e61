/** A key of the keyboard. */
import type { ReactNode } from 'react'

export function Kbd({ children }: { children: ReactNode }) {
  return <kbd className="inline-flex h-[18px] items-center rounded-badge border border-line px-1 font-mono text-hint text-ink-3">{children}</kbd>
}

/** Says "Ctrl" or the sign of the Mac's command key. */
export function modifierName(platform: string = navigator.platform): string {
  return /mac|iphone|ipad/i.test(platform) ? '⌘' : 'Ctrl'
}
