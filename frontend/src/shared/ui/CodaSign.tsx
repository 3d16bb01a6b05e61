/** The coda sign: an ellipse crossed by two strokes. Logo, and the end of every run. */
import { cx } from './cx'

interface CodaSignProps {
  size?: number
  className?: string
  /** Draws itself once, at the end of a run. */
  drawn?: boolean
  /** Names the sign where it stands alone. */
  label?: string
}

export function CodaSign({ size = 16, className, drawn = false, label }: CodaSignProps) {
  const named = label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true }
  return (
    <svg
      {...named}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={size >= 32 ? 1.6 : 2}
      strokeLinecap="round"
      className={cx('flex-none', drawn && 'coda-drawn', className)}
    >
      <ellipse cx="12" cy="12" rx="6.5" ry="8" pathLength={1} />
      <path d="M12 1v22" pathLength={1} />
      <path d="M1 12h22" pathLength={1} />
    </svg>
  )
}
