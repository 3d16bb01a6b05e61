/** Tabs with a 2 px accent line under the chosen one; the arrow keys move, and moving chooses. */
import { type KeyboardEvent, type ReactNode, useId } from 'react'

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
  className?: string
  listClassName?: string
  contentClassName?: string
}

/** Which tab a key leads to. */
function tabAfter(key: string, at: number, count: number): number | null {
  if (key === 'ArrowRight') return (at + 1) % count
  if (key === 'ArrowLeft') return (at - 1 + count) % count
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  return null
}

export function Tabs({ label, value, onValueChange, tabs, className, listClassName, contentClassName }: TabsProps) {
  const id = useId()
  const chosen = tabs.find((tab) => tab.value === value) ?? tabs[0]
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
      <div
        role="tablist"
        tabIndex={-1}
        aria-label={label}
        onKeyDown={onKeyDown}
        className={cx('flex flex-none gap-4 overflow-x-auto border-b border-line', listClassName)}
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
                'press -mb-px flex-none border-b-2 py-1.5 text-row whitespace-nowrap -outline-offset-2 max-md:min-h-11',
                isChosen ? 'border-accent font-medium text-ink' : 'border-transparent text-ink-2 hover:text-ink',
              )}
            >
              {tab.label}
            </button>
          )
        })}
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
