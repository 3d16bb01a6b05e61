/** A button that is only an icon; its name is heard, and seen on hover and focus. */
import type { ComponentProps, ReactNode } from 'react'

import { cx } from './cx'
import { Tooltip } from './Tooltip'

const SIZES = {
  sm: cx('size-7 max-md:size-11'),
  md: cx('size-[34px] max-md:size-11'),
} as const

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'aria-label'> {
  label: string
  icon: ReactNode
  size?: keyof typeof SIZES
  side?: 'top' | 'right' | 'bottom' | 'left'
  /** Shown beside the name in the tooltip, such as a key. */
  hint?: ReactNode
}

export function IconButton({ label, icon, size = 'sm', side, hint, className, ...rest }: IconButtonProps) {
  const text = hint ? (
    <span className="flex items-center gap-2">
      {label}
      <span className="text-hint opacity-70">{hint}</span>
    </span>
  ) : (
    label
  )
  return (
    <Tooltip text={text} side={side}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        className={cx(
          'press inline-flex shrink-0 items-center justify-center rounded-control text-ink-2 hover:bg-hover hover:text-ink',
          'disabled:opacity-45 data-[state=open]:bg-hover data-[state=open]:text-ink aria-pressed:text-ink',
          SIZES[size],
          className,
        )}
      >
        {icon}
      </button>
    </Tooltip>
  )
}
