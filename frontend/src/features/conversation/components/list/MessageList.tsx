/** The messages, anchored at their end: only what is in sight is mounted, older pages come as one scrolls up. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { ArrowDown } from 'lucide-react'
import { lazy, Suspense, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

import { Tooltip } from '@/shared/ui'

import { useRuntime } from '../../hooks/useRuntime'
import type { Message } from '../../model/message'
import { HoldScrollContext } from './holdScroll'
import { MessageItem } from './MessageItem'
import { useEnd } from './useEnd'
import { useFollowing } from './useFollowing'
import { useKeepPlace, usePlaceBefore } from './usePlace'
import { usePrinting } from './usePrinting'
import { PADDING_START, useVirtualMessages } from './useVirtualMessages'

/** Not needed where all goes well. */
const OlderLost = lazy(() => import('./OlderLost'))

const OLDER_FROM_INDEX = 12
const HOLD_MS = 450

interface MessageListProps {
  path: readonly Message[]
  hasOlder: boolean
  isLoadingOlder: boolean
  /** The last try to load them brought nothing. */
  isOlderLost: boolean
  onOlder: () => void
  /** Reads all of them. False where they did not all come. */
  onAll: () => Promise<boolean>
  /** The message that one was led to. */
  markedId: string | null
  /** Changes with every question sent from here: whoever asks wants to see the answer. */
  askedRunId: string | null
}

export function MessageList({ path, hasOlder, isLoadingOlder, isOlderLost, onOlder, onAll, markedId, askedRunId }: MessageListProps) {
  const { t } = useLingui()
  const { places } = useRuntime()
  const scroller = useRef<HTMLDivElement>(null)
  const [isHeld, hold] = useHold()
  const placeBefore = usePlaceBefore(places, path, PADDING_START)
  const { isFollowing, follow, noteHeight } = useFollowing(scroller, placeBefore === null)
  const isPrinting = usePrinting({ hasOlder, onAll })

  const list = useVirtualMessages({ path, scroller, startAt: placeBefore, isFollowing, isHeld })
  useKeepPlace(places, path, list, isFollowing)
  const toEnd = useCallback(() => {
    follow()
    list.scrollToEnd()
  }, [follow, list])

  const hasMessages = path.length > 0
  const isPlaced = useRef(placeBefore !== null)
  useLayoutEffect(() => {
    if (hasMessages && !isPlaced.current) toEnd()
    isPlaced.current = false
  }, [toEnd, hasMessages, askedRunId])

  const height = list.getTotalSize()
  const { isAway, look } = useEnd({ scroller, isFollowing, toEnd: () => list.scrollToEnd(), height })
  const newCount = useNewSince(path, isAway)
  useLayoutEffect(() => noteHeight(height), [noteHeight, height])
  // Back at the end as it was seen: what has come below it meanwhile is caught up with.
  useLayoutEffect(() => {
    if (isFollowing) list.scrollToEnd()
  }, [isFollowing, list])

  const items = list.getVirtualItems()
  const firstIndex = items[0]?.index ?? 0
  const isNearBeginning = firstIndex <= OLDER_FROM_INDEX
  useEffect(() => {
    if (hasOlder && isNearBeginning && !isOlderLost) onOlder()
  }, [hasOlder, isNearBeginning, isOlderLost, onOlder])

  return (
    <HoldScrollContext value={hold}>
      <div className="sheet relative flex min-h-0 flex-1 flex-col">
        {/* The log scrolls by keyboard; its growth is told by the status line, not word by word. */}
        {/* eslint-disable jsx-a11y/no-noninteractive-tabindex -- see above */}
        <div
          ref={scroller}
          role="log"
          aria-live="off"
          aria-label={t`Conversation`}
          tabIndex={0}
          onScroll={look}
          className="sheet min-h-0 flex-1 overflow-y-auto overscroll-contain -outline-offset-2 [overflow-anchor:none] [scrollbar-gutter:stable_both-edges]"
        >
          <Older isLoading={isLoadingOlder} isLost={isOlderLost && isNearBeginning} onRetry={onOlder} />
          {isPrinting && <PrintedMessages path={path} isCut={hasOlder} />}
          <div className="relative mx-auto w-full max-w-[780px] print:hidden" style={{ height }}>
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
                  <MessageItem message={message} isMarked={message.id === markedId} />
                </div>
              )
            })}
          </div>
        </div>
        {/* eslint-enable jsx-a11y/no-noninteractive-tabindex */}
        {isAway && <ToNewest newCount={newCount} onClick={toEnd} />}
      </div>
    </HoldScrollContext>
  )
}

/** What is above the first message that is loaded. */
function Older({ isLoading, isLost, onRetry }: { isLoading: boolean; isLost: boolean; onRetry: () => void }) {
  if (isLoading) {
    return (
      <p className="absolute inset-x-0 top-1 z-10 text-center text-badge font-normal text-ink-3">
        <Trans>Loading earlier messages</Trans>
      </p>
    )
  }
  return (
    isLost && (
      <Suspense>
        <OlderLost onRetry={onRetry} />
      </Suspense>
    )
  )
}

/** All that is loaded, one below the other, for paper. */
function PrintedMessages({ path, isCut }: { path: readonly Message[]; isCut: boolean }) {
  return (
    <div className="printed hidden print:block">
      {isCut && (
        <p className="pb-4 text-row">
          <Trans>The beginning is left out. Print with the keys, not from the menu, to have all.</Trans>
        </p>
      )}
      {path.map((message) => (
        <MessageItem key={message.id} message={message} />
      ))}
    </div>
  )
}

/** Below the list, not over it: it covers no word. */
function ToNewest({ newCount, onClick }: { newCount: number; onClick: () => void }) {
  const { t } = useLingui()
  return (
    <div className="animate-appear flex flex-none justify-center print:hidden py-1 max-md:py-0">
      <Tooltip text={t`To the newest message`} side="top">
        <button
          type="button"
          aria-label={t`To the newest message`}
          onClick={onClick}
          className="press flex h-7 min-w-7 items-center justify-center gap-1.5 rounded-full border border-line-strong surface-raised px-1.5 text-badge text-ink-2 hover:bg-hover hover:text-ink max-md:h-11 max-md:min-w-11"
        >
          <ArrowDown aria-hidden />
          {newCount > 0 && (
            <span className="pr-1">
              <Plural value={newCount} one="# new" other="# new" />
            </span>
          )}
        </button>
      </Tooltip>
    </div>
  )
}

/** How many messages have come since one looked away from the end. */
function useNewSince(path: readonly Message[], isAway: boolean): number {
  const lastId = path.at(-1)?.id ?? null
  const [seenId, setSeen] = useState(lastId)
  if (!isAway && seenId !== lastId) setSeen(lastId)
  const at = path.findIndex(({ id }) => id === seenId)
  return isAway && at !== -1 ? path.length - 1 - at : 0
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
