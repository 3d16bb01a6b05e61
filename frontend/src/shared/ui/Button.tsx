/** Buttons: ink acts. One primary per view; danger only on the button that confirms. */
import { Slot } from 'radix-ui'
import type { ComponentProps } from 'react'

import { BusyRing } from './BusyRing'
import { cx } from './cx'

const VARIANTS = {
  primary: cx('bg-ink text-on-ink hover:bg-ink/88 font-medium'),
  secondary: cx('border border-line-strong bg-transparent text-ink hover:bg-hover'),
  quiet: cx('text-ink-2 hover:bg-hover hover:text-ink'),
  danger: cx('bg-danger text-canvas hover:bg-danger/88 font-medium'),
  link: cx('link px-0!'),
} as const

const SIZES = {
  sm: cx('h-7 px-2.5 text-row max-md:h-11 max-md:px-3'),
  md: cx('h-[34px] px-3 text-ui max-md:h-11 max-md:px-4'),
  lg: cx('h-10 px-4 text-ui max-md:h-11'),
} as const

export interface ButtonProps extends ComponentProps<'button'> {
  variant?: keyof typeof VARIANTS
  size?: keyof typeof SIZES
  /** Keeps label and width, shows a ring, and takes no second press. */
  busy?: boolean
  /** Renders the one child (a link) with the looks of a button. */
  asChild?: boolean
}

function buttonClass(variant: keyof typeof VARIANTS = 'secondary', size: keyof typeof SIZES = 'md'): string {
  return cx(
    'press relative inline-flex shrink-0 items-center justify-center gap-2 rounded-control whitespace-nowrap select-none',
    'disabled:opacity-45 aria-disabled:opacity-45',
    VARIANTS[variant],
    SIZES[size],
  )
}

export function Button({ variant, size, busy = false, asChild = false, className, children, onClick, ...rest }: ButtonProps) {
  const classes = cx(buttonClass(variant, size), className)
  if (asChild) {
    return (
      <Slot.Root className={classes} onClick={onClick} {...rest}>
        {children}
      </Slot.Root>
    )
  }
  return (
    // A busy button keeps the focus, so it is not disabled; it only takes no second press.
    <button
      type="button"
      {...rest}
      className={classes}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {children}
      {busy && <BusyRing className="absolute right-1 bottom-1" />}
    </button>
  )
}
