/** Scrolls sideways what is too wide, by keyboard too; a fade shows at which side there is more. */
import { useEffect, useRef, useState, type ReactNode } from 'react'

type Side = 'none' | 'left' | 'right' | 'both'

export function ScrollBox({ label, children }: { label: string; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  const [more, setMore] = useState<Side>('none')

  useEffect(() => {
    const element = box.current
    if (element === null) return
    const look = () => setMore(hiddenSide(element))
    const observer = new ResizeObserver(look)
    observer.observe(element)
    if (element.firstElementChild !== null) observer.observe(element.firstElementChild)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [])

  // Only what scrolls is a stop of the Tab key.
  const reachable = more === 'none' ? {} : { role: 'region', tabIndex: 0, 'aria-label': label }
  return (
    <div ref={box} className="scroll-box" data-more={more} {...reachable}>
      {children}
    </div>
  )
}

function hiddenSide(element: HTMLElement): Side {
  const box = element.getBoundingClientRect()
  const content = element.firstElementChild?.getBoundingClientRect()
  if (content === undefined) return 'none'
  const isMoreLeft = content.left < box.left - 1
  const isMoreRight = content.right > box.right + 1
  if (isMoreLeft && isMoreRight) return 'both'
  return isMoreLeft ? 'left' : isMoreRight ? 'right' : 'none'
}
