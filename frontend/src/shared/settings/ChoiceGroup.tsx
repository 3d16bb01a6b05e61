/** One of a few, all to be seen at once: radio buttons that look like cells. */
import type { ReactNode } from 'react'

import { cx } from '@/shared/ui'

interface ChoiceGroupProps<Value extends string> {
  label: ReactNode
  /** Of the radio buttons; one for each group on a page. */
  name: string
  value: Value
  options: readonly { value: Value; label: ReactNode }[]
  onChange: (value: Value) => void
  className?: string
}

export function ChoiceGroup<Value extends string>({ label, name, value, options, onChange, className }: ChoiceGroupProps<Value>) {
  return (
    <fieldset>
      <legend className="pb-1.5 text-row font-medium">{label}</legend>
      <div className={cx('grid grid-cols-3 gap-1.5', className)}>
        {options.map((option) => (
          <label
            key={option.value}
            className={cx(
              'press flex h-[34px] cursor-pointer items-center justify-center rounded-control border px-2 text-center text-row has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent max-md:h-11',
              option.value === value ? 'border-ink bg-block font-medium text-ink' : 'border-line text-ink-2 hover:bg-hover',
            )}
          >
            <input type="radio" name={name} checked={option.value === value} onChange={() => onChange(option.value)} className="sr-only" />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
