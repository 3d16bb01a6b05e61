/** A formula. KaTeX and its fonts load with the first one; until then, and where it cannot be read, its source is shown. */
import { useEffect, useLayoutEffect, useRef, useState } from 'react'

import { isPreloaded, loadMaths, type Typeset } from './loadMaths'

interface FormulaProps {
  tex: string
  raw: string
  isDisplay: boolean
}

export function Formula({ tex, raw, isDisplay }: FormulaProps) {
  const box = useRef<HTMLSpanElement>(null)
  const typeset = useTypeset()
  useLayoutEffect(() => {
    if (box.current !== null && typeset !== null && !typeset(tex, box.current, isDisplay)) box.current.textContent = raw
  }, [typeset, tex, raw, isDisplay])
  // What KaTeX writes into the element is not React's; another formula gets another element.
  return (
    <span key={`${String(typeset !== null)}${tex}`} ref={box} dir="ltr" className="formula" data-tex={raw} data-display={isDisplay || undefined}>
      {typeset === null ? raw : null}
    </span>
  )
}

function useTypeset(): Typeset | null {
  const [typeset, setTypeset] = useState<Typeset | null>(isPreloaded)
  useEffect(() => {
    if (typeset !== null) return
    let isCurrent = true
    loadMaths().then(
      (loaded) => isCurrent && setTypeset(() => loaded),
      // The source of a formula can be read too.
      () => undefined,
    )
    return () => {
      isCurrent = false
    }
  }, [typeset])
  return typeset
}
