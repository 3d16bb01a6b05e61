import { useEffect, useRef } from 'react'

/** Listens on the window while mounted; the handler may be a new function at every render. */
export function useWindowEvent<Name extends keyof WindowEventMap>(name: Name, handler: (event: WindowEventMap[Name]) => void): void {
  const latest = useRef(handler)
  useEffect(() => {
    latest.current = handler
  })
  useEffect(() => {
    const listen = (event: WindowEventMap[Name]) => latest.current(event)
    window.addEventListener(name, listen)
    return () => window.removeEventListener(name, listen)
  }, [name])
}
