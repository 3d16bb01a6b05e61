/** Fields for text and choices. */
import { ChevronDown } from 'lucide-react'
import type { ComponentProps, KeyboardEvent } from 'react'

import { takesSuggestion } from '@/shared/lib/keys'

import { cx } from './cx'

const edge =
  cx('w-full rounded-control border border-line-strong bg-raised text-ui text-ink max-md:text-prose focus:border-accent focus:outline-1 focus:outline-accent focus:-outline-offset-1 aria-invalid:border-danger disabled:opacity-45')

/** The Enter that takes a suggestion of an input method sends no form. */
function keepFromForm(event: KeyboardEvent): void {
  if (takesSuggestion(event)) event.preventDefault()
}

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input dir="auto" onKeyDown={keepFromForm} {...rest} className={cx(edge, 'h-[34px] px-2.5 max-md:h-11 max-md:px-3', className)} />
}

/** An address as it was typed: the browser's own field takes no letters beyond ASCII, or rewrites them. The server judges it. */
export function EmailInput(props: Omit<ComponentProps<'input'>, 'type'>) {
  return <Input inputMode="email" autoCapitalize="none" autoCorrect="off" spellCheck={false} {...props} type="text" />
}

export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea dir="auto" {...rest} className={cx(edge, 'min-h-20 resize-y px-2.5 py-2', className)} />
}

/** The system's own list: it is at home on a phone and for assistive technology. */
export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <span className={cx('relative block', className)}>
      <select {...rest} className={cx(edge, 'h-[34px] appearance-none pr-8 pl-2.5 max-md:h-11 max-md:pl-3')}>
        {children}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute inset-y-0 right-2.5 my-auto size-3.5! text-ink-2" />
    </span>
  )
}
