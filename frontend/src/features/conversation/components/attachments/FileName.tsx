/** A file's name in one line: what gives way is its middle, since its end tells what it is. */
import { cx } from '@/shared/ui'

const END_LENGTH = 10

export function FileName({ name, className }: { name: string; className?: string }) {
  const letters = Array.from(name)
  const start = letters.slice(0, -END_LENGTH).join('')
  return (
    <span dir="auto" title={name} className={cx('flex min-w-0', className)}>
      <span className="truncate whitespace-pre">{start}</span>
      <span className="flex-none whitespace-pre">{letters.slice(-END_LENGTH).join('')}</span>
    </span>
  )
}
