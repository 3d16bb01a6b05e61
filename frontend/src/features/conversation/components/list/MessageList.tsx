/** The messages, anchored at their end: only what is in sight is mounted, older pages come as one scrolls up. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown } from 'lucide-react'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

import { Button } from '@/shared/ui'

import { useRuntime } from '../../hooks/useRuntime'
import { estimateHeight } from '../../model/estimateHeight'
import type { Message } from '../../model/message'
import { HoldScrollContext } from './holdScroll'
import { MessageItem } from './MessageItem'
import { useAnchoring } from './useAnchoring'

const NEAR_END_PX = 64
const OLDER_FROM_INDEX = 12
const HOLD_MS = 450
const BEYOND_THE_END = 10_000_000

interface MessageListProps {
  path: readonly Message[]
  hasOlder: boolean
  isLoadingOlder: boolean
  onOlder: () => void
  /** Changes with every question sent from here: whoever asks wants to see the answer. */
  askedRunId: string | null
}

export function MessageList({ path, hasOlder, isLoadingOlder, onOlder, askedRunId }: MessageListProps) {
  const { t } = useLingui()
  const { outbox } = useRuntime()
  const scroller = useRef<HTMLDivElement>(null)
  const [isHeld, hold] = useHold()
  const [isAway, setAway] = useState(false)

  const anchoring = useAnchoring()
  const list = useVirtualizer<HTMLDivElement, Element>({
    ...anchoring,
    count: path.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => {
      const message = path[index]
      return message === undefined ? 0 : estimateHeight(message)
    },
    getItemKey: (index) => {
      const message = path[index]
      return message === undefined ? index : outbox.keyOf(message)
    },
    anchorTo: 'end',
    // The first picture is of the end; the beginning need not be laid out for it.
    initialOffset: BEYOND_THE_END,
    followOnAppend: true,
    // Held: nothing counts as the end, so the list does not follow what a person unfolds there.
    scrollEndThreshold: isHeld ? -1 : NEAR_END_PX,
    overscan: 3,
    paddingStart: 24,
    paddingEnd: 12,
  })

  const hasMessages = path.length > 0
  useLayoutEffect(() => {
    if (hasMessages) list.scrollToEnd()
  }, [list, hasMessages, askedRunId])

  const items = list.getVirtualItems()
  const firstIndex = items[0]?.index ?? 0
  useEffect(() => {
    if (hasOlder && firstIndex <= OLDER_FROM_INDEX) onOlder()
  }, [hasOlder, firstIndex, onOlder])

  return (
    <HoldScrollContext value={hold}>
      <div className="relative flex min-h-0 flex-1 flex-col">
        {/* The log scrolls by keyboard; its growth is told by the status line, not word by word. */}
        {/* eslint-disable jsx-a11y/no-noninteractive-tabindex -- see above */}
        <div
          ref={scroller}
          role="log"
          aria-live="off"
          aria-label={t`Conversation`}
          tabIndex={0}
          onScroll={(event) => setAway(distanceFromEnd(event.currentTarget) > NEAR_END_PX * 3)}
          className="min-h-0 flex-1 overflow-y-auto overscroll-contain -outline-offset-2 [overflow-anchor:none]"
        >
          {isLoadingOlder && (
            <p className="absolute inset-x-0 top-1 z-10 text-center text-badge font-normal text-ink-3">
              <Trans>Loading earlier messages</Trans>
            </p>
          )}
          <div className="relative mx-auto w-full max-w-[780px]" style={{ height: list.getTotalSize() }}>
            {items.map(({ key, index, start }) => {
              const message = path[index]
              return message === undefined ? null : (
                <div
                  key={key}
                  ref={list.measureElement}
                  data-index={index}
                  className="absolute inset-x-0 top-0 px-(--pad)"
                  style={{ transform: `translateY(${String(start)}px)` }}
                >
                  <MessageItem message={message} />
                </div>
              )
            })}
          </div>
        </div>
        {/* eslint-enable jsx-a11y/no-noninteractive-tabindex */}
        {isAway && <ToNewest onClick={() => list.scrollToEnd()} />}
      </div>
    </HoldScrollContext>
  )
}

function ToNewest({ onClick }: { onClick: () => void }) {
  return (
    <Button className="animate-appear absolute! bottom-2 left-1/2 -translate-x-1/2 bg-raised! shadow-composer" size="sm" onClick={onClick}>
      <ArrowDown aria-hidden />
      <Trans>To the newest</Trans>
    </Button>
  )
}

function distanceFromEnd({ scrollHeight, scrollTop, clientHeight }: HTMLElement): number {
  return scrollHeight - scrollTop - clientHeight
}

function useHold(): [boolean, () => void] {
  const [isHeld, setHeld] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const hold = useCallback(() => {
    setHeld(true)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setHeld(false), HOLD_MS)
  }, [])
  useEffect(() => () => clearTimeout(timer.current), [])
  return [isHeld, hold]
}
