/** On or off, at once. Off and locked are told by place and by a word beside it, not by colour alone. */
import type { ComponentProps } from 'react'

import { cx } from './cx'

interface SwitchProps extends Omit<ComponentProps<'button'>, 'onChange' | 'value'> {
  isOn: boolean
  onChange: (isOn: boolean) => void
}

export function Switch({ isOn, onChange, className, ...rest }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      {...rest}
      onClick={() => onChange(!isOn)}
      className={cx('press inline-flex h-7 w-9 flex-none items-center justify-center rounded-control disabled:opacity-45 max-md:h-11 max-md:w-11', className)}
    >
      <span className={cx('flex h-5 w-9 items-center rounded-full border px-0.5 transition-colors', isOn ? 'border-ink bg-ink' : 'border-line-strong bg-transparent')}>
        <span className={cx('size-3.5 rounded-full transition-transform', isOn ? 'translate-x-4 bg-on-ink' : 'bg-line-strong')} />
      </span>
    </button>
  )
}
