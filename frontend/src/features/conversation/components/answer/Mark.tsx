/** Marks on the rail: kind is shape and colour. */
import { cx } from '@/shared/ui'

export type MarkKind = 'reason' | 'tool' | 'wait' | 'failed' | 'stopped' | 'switch' | 'fold' | 'steer'

const SHAPES: Record<MarkKind, { className: string; shape: React.ReactNode }> = {
  reason: { className: cx('text-reason'), shape: <circle cx="8" cy="8" r="4.75" fill="none" stroke="currentColor" strokeWidth="2" /> },
  tool: { className: cx('text-tool'), shape: <rect x="2.5" y="2.5" width="11" height="11" rx="2.5" fill="currentColor" /> },
  wait: { className: cx('text-ink-2'), shape: <path d="M3 7l4-4M3 11.5L11.5 3M4.5 14L14 4.5M9 14l5-5" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" /> },
  failed: { className: cx('text-danger'), shape: <path d="M3.5 3.5l9 9M12.5 3.5l-9 9" stroke="currentColor" strokeWidth="2.25" strokeLinecap="round" /> },
  stopped: { className: cx('text-ink-2'), shape: <path d="M2.5 8h11" stroke="currentColor" strokeWidth="2.25" strokeLinecap="round" /> },
  switch: { className: cx('text-warn'), shape: <path d="M8 2.5L13.5 8 8 13.5 2.5 8z" fill="none" stroke="currentColor" strokeWidth="2" strokeLinejoin="round" /> },
  fold: { className: cx('text-ink-3'), shape: <path d="M4 5.5h8M4 10.5h8" stroke="currentColor" strokeWidth="2" strokeLinecap="round" /> },
  steer: { className: cx('text-accent'), shape: <path d="M5.5 3l5 5-5 5" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" /> },
}

interface MarkProps {
  kind: MarkKind
  /** At work right now: breathes. */
  isLive?: boolean
}

/** Sits on a disc of canvas as wide as itself, so that the line of the rail runs up to it and on from it. */
export function Mark({ kind, isLive = false }: MarkProps) {
  const { className, shape } = SHAPES[kind]
  return (
    <span aria-hidden className="answer-mark">
      <svg width="16" height="16" viewBox="0 0 16 16" fill="none" className={cx(className, isLive && 'animate-breathe')}>
        {shape}
      </svg>
    </span>
  )
}
