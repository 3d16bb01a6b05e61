/** A label, its control, and below it the hint or what to do about an error. */
import { CircleAlert } from 'lucide-react'
import { useId, type ReactNode } from 'react'

interface ControlProps {
  id: string
  'aria-describedby'?: string
  'aria-invalid'?: true
}

interface FieldProps {
  label: ReactNode
  hint?: ReactNode
  error?: ReactNode
  children: (control: ControlProps) => ReactNode
}

export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId()
  const note = `${id}-note`
  const hasNote = Boolean(error ?? hint)
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-row font-medium text-ink">
        {label}
      </label>
      {children({ id, 'aria-describedby': hasNote ? note : undefined, 'aria-invalid': error ? true : undefined })}
      {hasNote && (
        <div id={note} className={error ? 'text-danger' : 'text-ink-3'}>
          {error ? <ErrorLine>{error}</ErrorLine> : <p className="text-row">{hint}</p>}
        </div>
      )}
    </div>
  )
}

/** One sentence that says what went wrong and what to do; read out when it appears. */
export function ErrorLine({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="flex gap-1.5 text-row text-danger">
      <CircleAlert aria-hidden className="mt-px" />
      <span>{children}</span>
    </p>
  )
}
