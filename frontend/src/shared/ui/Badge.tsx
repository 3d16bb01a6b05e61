/** A word about a state; colour only where an eye is needed. */
import type { ReactNode } from 'react'

import { cx } from './cx'

const TONES = {
  plain: cx('border border-line text-ink-2'),
  accent: cx('bg-accent-soft text-accent'),
  reason: cx('bg-reason-soft text-reason'),
  tool: cx('bg-tool-soft text-tool'),
  ok: cx('bg-ok-soft text-ok'),
  warn: cx('bg-warn-soft text-warn'),
  danger: cx('bg-danger-soft text-danger'),
} as const

export type Tone = keyof typeof TONES

export function Badge({ tone = 'plain', className, children }: { tone?: Tone; className?: string; children: ReactNode }) {
  return (
    <span className={cx('inline-flex h-5 items-center gap-1 rounded-badge px-1.5 text-badge whitespace-nowrap', TONES[tone], className)}>
      {children}
    </span>
  )
}
