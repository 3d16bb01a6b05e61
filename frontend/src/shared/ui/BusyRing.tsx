/** A 12 px ring for a control that is at work. */
import { cx } from './cx'

export function BusyRing({ className }: { className?: string }) {
  return (
    <svg aria-hidden width="12" height="12" viewBox="0 0 12 12" fill="none" className={cx('animate-turn', className)}>
      <circle cx="6" cy="6" r="4.5" stroke="currentColor" strokeOpacity=".3" strokeWidth="1.75" />
      <path d="M6 1.5A4.5 4.5 0 0 1 10.5 6" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />
    </svg>
  )
}
