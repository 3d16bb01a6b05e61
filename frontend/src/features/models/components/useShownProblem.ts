import { type RefObject, useEffect, useRef } from 'react'

/** Takes whoever sent the form to the first field that is wrong: in a long form it is out of sight. */
export function useShownProblem(attempts: number, refusal: unknown): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (attempts > 0) show(form.current)
  }, [attempts])
  useEffect(() => {
    if (refusal) show(form.current)
  }, [refusal])
  return form
}

function show(form: HTMLFormElement | null): void {
  const wrong = form?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]')
  wrong?.scrollIntoView({ block: 'center' })
  wrong?.focus({ preventScroll: true })
}
