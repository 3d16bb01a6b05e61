/** The way to the chats that programs have begun, and back; there once there are any. */
import { Trans } from '@lingui/react/macro'
import { useInfiniteQuery } from '@tanstack/react-query'
import { ArrowLeft, ChevronRight, SquareTerminal } from 'lucide-react'

import { sessionsQuery, type Shelf } from '../api/sessions'
import { flattenSessions } from '../model/pages'

interface ShelfSwitchProps {
  shelf: Shelf
  onChange: (shelf: Shelf) => void
}

export function ShelfSwitch({ shelf, onChange }: ShelfSwitchProps) {
  const { data } = useInfiniteQuery(sessionsQuery('', 'programs'))
  const isAway = shelf === 'programs'
  if (!isAway && flattenSessions(data).length === 0) return null
  return (
    <div className="flex-none px-2.5 py-1">
      <button
        type="button"
        onClick={() => onChange(isAway ? 'own' : 'programs')}
        className="press flex h-[34px] w-full items-center gap-2.5 rounded-control px-2.5 text-ui text-ink-2 -outline-offset-2 hover:bg-hover hover:text-ink max-md:h-11"
      >
        {isAway ? <ArrowLeft aria-hidden /> : <SquareTerminal aria-hidden />}
        <span className="flex-1 text-left">{isAway ? <Trans>Your chats</Trans> : <Trans>From programs</Trans>}</span>
        {!isAway && <ChevronRight aria-hidden className="text-ink-3" />}
      </button>
    </div>
  )
}
