/** Scrolls sideways what is too wide, by keyboard too; only then is it a stop of the Tab key. */
import { useLingui } from '@lingui/react/macro'
import { useEffect, useRef, useState, type ReactNode } from 'react'

export function ScrollBox({ children }: { children: ReactNode }) {
  const { t } = useLingui()
  const box = useRef<HTMLDivElement>(null)
  const [isWide, setWide] = useState(false)

  useEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new ResizeObserver(() => {
      setWide(element.scrollWidth > element.clientWidth + 1)
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
    }
  }, [])

  const reachable = isWide ? { role: 'region', tabIndex: 0, 'aria-label': t`Wide table, scrolls sideways` } : {}
  return (
    <div ref={box} className="scroll-box" {...reachable}>
      {children}
    </div>
  )
}
