/** The shape of what comes; shown only when waiting takes longer than 150 ms. */
import { cx } from './cx'

export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx('skeleton block rounded-badge bg-line', className)} />
}
