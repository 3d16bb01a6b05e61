/** One row of work on the rail, which unfolds. What it hides is not mounted until it is open. */
import { ChevronRight } from 'lucide-react'
import { useId, useState, type ReactNode } from 'react'

import { cx } from '@/shared/ui'

import { useHoldScroll } from '../list/holdScroll'
import { Mark, type MarkKind } from './Mark'

interface StepRowProps {
  mark: MarkKind
  isLive?: boolean
  /** What was done, in words. */
  words: ReactNode
  /** More of it, quieter: cut off where there is no room. */
  detail?: ReactNode
  time: string | null
  /** A quiet word or a badge about how it went. */
  verdict?: ReactNode
  isOpenAtFirst?: boolean
  stepKey?: string
  children: () => ReactNode
}

export function StepRow({ mark, isLive, words, detail, time, verdict, isOpenAtFirst = false, stepKey, children }: StepRowProps) {
  const [isOpen, setOpen] = useState(isOpenAtFirst)
  const holdScroll = useHoldScroll()
  const bodyId = useId()
  return (
    <div data-step={stepKey}>
      <div className="answer-row">
        <Mark kind={mark} isLive={isLive} />
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={isOpen ? bodyId : undefined}
          onClick={() => {
            holdScroll()
            setOpen(!isOpen)
          }}
          className="press group/row -ml-2 flex min-h-8 max-w-full max-md:min-h-11 min-w-0 items-center gap-2.5 rounded-control px-2 text-left text-ui text-ink-2 hover:bg-hover"
        >
          <span className="flex-none">{words}</span>
          {detail !== undefined && <span dir="auto" className="truncate min-w-0 text-ink-3">{detail}</span>}
          {time !== null && <span className="flex-none text-row text-ink-3">{time}</span>}
          {verdict}
          <ChevronRight
            aria-hidden
            className={cx(
              'text-ink-3 transition-transform duration-(--fold-time)',
              isOpen ? 'rotate-90' : 'opacity-0 group-hover/row:opacity-100 group-focus-visible/row:opacity-100 max-md:opacity-100',
            )}
          />
        </button>
      </div>
      {isOpen && (
        <div id={bodyId} className="animate-appear pt-1 pb-3">
          {children()}
        </div>
      )}
    </div>
  )
}
