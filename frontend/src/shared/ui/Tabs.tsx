/** Tabs with a 2 px accent line under the chosen one; the arrow keys move, and moving chooses. Where they do not fit they scroll, and fade at the ends. */
import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useRef } from 'react'

import { cx } from './cx'

export interface Tab {
  value: string
  label: ReactNode
  content: ReactNode
}

interface TabsProps {
  label: string
  value: string
  onValueChange: (value: string) => void
  tabs: Tab[]
  /** Stands after the tabs and never under them. */
  end?: ReactNode
  className?: string
  listClassName?: string
  contentClassName?: string
}

/** Where tabs fade: as wide as the padding of their list. */
const EDGE_PX = 16

/** Scrolls sideways only as far as the chosen tab needs. */
function useChosenInSight(value: string | undefined) {
  const list = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const box = list.current
    const tab = box?.querySelector<HTMLElement>('[aria-selected=true]')
    if (!box || !tab) return
    const start = tab.offsetLeft - box.offsetLeft - EDGE_PX
    const end = start + tab.offsetWidth + 2 * EDGE_PX - box.clientWidth
    if (box.scrollLeft > start) box.scrollLeft = start
    else if (box.scrollLeft < end) box.scrollLeft = end
  }, [value])
  return list
}

/** Which tab a key leads to. */
function tabAfter(key: string, at: number, count: number): number | null {
  if (key === 'ArrowRight') return (at + 1) % count
  if (key === 'ArrowLeft') return (at - 1 + count) % count
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  return null
}

export function Tabs({ label, value, onValueChange, tabs, end, className, listClassName, contentClassName }: TabsProps) {
  const id = useId()
  const chosen = tabs.find((tab) => tab.value === value) ?? tabs[0]
  const list = useChosenInSight(chosen?.value)
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const at = tabs.findIndex((tab) => tab.value === chosen?.value)
    const next = tabAfter(event.key, at, tabs.length)
    const tab = next === null ? undefined : tabs[next]
    if (!tab || next === null) return
    event.preventDefault()
    onValueChange(tab.value)
    event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus()
  }
  return (
    <div className={cx('flex min-h-0 flex-col', className)}>
      <div className={cx('flex flex-none items-center border-b border-line', listClassName)}>
        <div
          ref={list}
          role="tablist"
          tabIndex={-1}
          aria-label={label}
          onKeyDown={onKeyDown}
          className={cx('fade-ends -ml-4 flex min-w-0 flex-1 gap-2.5 self-stretch overflow-x-auto px-4', end === undefined && '-mr-4')}
        >
          {tabs.map((tab) => {
            const isChosen = tab === chosen
            return (
              <button
                key={tab.value}
                type="button"
                role="tab"
                id={`${id}-${tab.value}`}
                aria-selected={isChosen}
                aria-controls={isChosen ? `${id}-panel` : undefined}
                tabIndex={isChosen ? 0 : -1}
                onClick={() => onValueChange(tab.value)}
                className={cx(
                  'press flex-none border-b-2 py-1.5 text-row whitespace-nowrap -outline-offset-2 max-md:min-h-11',
                  isChosen ? 'border-accent font-medium text-ink' : 'border-transparent text-ink-2 hover:text-ink',
                )}
              >
                {tab.label}
              </button>
            )
          })}
        </div>
        {end}
      </div>
      {chosen && (
        <div
          role="tabpanel"
          id={`${id}-panel`}
          aria-labelledby={`${id}-${chosen.value}`}
          // A panel that scrolls must be reachable by keyboard.
          tabIndex={0}
          className={cx('min-h-0 flex-1 -outline-offset-2', contentClassName)}
        >
          {chosen.content}
        </div>
      )}
    </div>
  )
}
