/** A label, its control, and below it the hint or what to do about an error. */
import { useLingui } from '@lingui/react/macro'
import { useId, useState, type FormEvent, type ReactNode } from 'react'

import { ErrorLine } from './ErrorLine'

interface ControlProps {
  id: string
  onInvalid: (event: FormEvent<FormControl>) => void
  onInput: () => void
  'aria-describedby'?: string
  'aria-invalid'?: true
}

type FormControl = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement

interface FieldProps {
  label: ReactNode
  hint?: ReactNode
  error?: ReactNode
  children: (control: ControlProps) => ReactNode
}

export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId()
  const note = `${id}-note`
  const { missing, onInvalid, onInput } = useMissing()
  const wrong = missing ?? error
  const hasNote = Boolean(wrong ?? hint)
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-row font-medium text-ink">
        {label}
      </label>
      {children({ id, onInvalid, onInput, 'aria-describedby': hasNote ? note : undefined, 'aria-invalid': wrong ? true : undefined })}
      {hasNote && (
        <div id={note} className={wrong ? 'text-danger' : 'text-ink-3'}>
          {wrong ? <ErrorLine>{wrong}</ErrorLine> : <p className="text-row">{hint}</p>}
        </div>
      )}
    </div>
  )
}

/** What keeps a form from being sent is told below its field, in the language of the screen, not in a bubble of the browser's. */
function useMissing() {
  const { t } = useLingui()
  const [missing, setMissing] = useState<string | null>(null)

  const onInvalid = (event: FormEvent<FormControl>) => {
    event.preventDefault()
    const control = event.currentTarget
    if (control.form?.querySelector(':invalid:not(fieldset)') === control) control.focus()
    const { valueMissing, tooShort } = control.validity
    const least = 'minLength' in control ? control.minLength : 0
    if (valueMissing) setMissing(t`Fill this in.`)
    else setMissing(tooShort ? t`At least ${least} characters.` : control.validationMessage)
  }
  return { missing, onInvalid, onInput: () => setMissing(null) }
}
