/** Stands after the last row and asks for more when it comes into view; a button does the same. */
import { Trans } from '@lingui/react/macro'
import { useEffect, useRef } from 'react'

import { Button } from '@/shared/ui'

interface PageEndProps {
  isLoading: boolean
  onReach: () => void
}

export function PageEnd({ isLoading, onReach }: PageEndProps) {
  const end = useRef<HTMLDivElement>(null)
  const latest = useRef(onReach)
  useEffect(() => {
    latest.current = onReach
  })

  useEffect(() => {
    const element = end.current
    if (!element || isLoading) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && latest.current(), { rootMargin: '200px' })
    observer.observe(element)
    return () => observer.disconnect()
  }, [isLoading])

  return (
    <div ref={end} className="flex justify-center py-2">
      <Button variant="quiet" size="sm" busy={isLoading} onClick={onReach}>
        <Trans>Show older chats</Trans>
      </Button>
    </div>
  )
}
