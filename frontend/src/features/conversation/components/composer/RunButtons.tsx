/** The buttons at the end of the composer. Each has its place, counted from the right: what comes and goes stands at the left. */
import { Trans, useLingui } from '@lingui/react/macro'
import { ArrowUp, ChevronRight, ListPlus, Pause, Play, Square } from 'lucide-react'

import { BusyRing, Button, cx, IconButton, Kbd, modifierName, Tooltip } from '@/shared/ui'

import type { ActiveRunState } from '../../hooks/useActiveRun'

const ACTION = cx('press flex h-[34px] min-w-[34px] flex-none items-center justify-center gap-1.5 rounded-code max-md:h-11 max-md:min-w-11')
const INK = cx('bg-ink text-on-ink hover:bg-ink/88')
const QUIET = cx('text-ink-2 hover:bg-hover hover:text-ink')

interface RunButtonsProps {
  state: ActiveRunState
  hasWords: boolean
  isReady: boolean
  isSending: boolean
  /** What has to be put right first. */
  whyNot: string | null
  onSend: () => void
  onSteer: (() => void) | undefined
  onStop?: () => void
  onPause?: () => void
  onResume?: () => void
  /** A pause or its end is on its way to the server. */
  isChangingPause?: boolean
}

export function RunButtons({ state, hasWords, isReady, isSending, whyNot, onSend, onSteer, ...controls }: RunButtonsProps) {
  const { onStop, onPause, onResume, isChangingPause = false } = controls
  const isBusy = state !== 'idle'
  const isPaused = state === 'paused' || state === 'halted'
  const slot = { isReady, hasWords, isSending, whyNot, onSend }
  return (
    <div className="flex flex-none items-center gap-1">
      {onSteer !== undefined && <SteerButton onSteer={onSteer} />}
      {state === 'working' && <PauseButton isBusy={isChangingPause} onPause={onPause} />}
      {isPaused && <ResumeButton isBusy={isChangingPause} onResume={onResume} />}
      {isBusy && <StopButton isInk={!hasWords && !isPaused} onStop={onStop} />}
      {isBusy ? <QueueButton {...slot} /> : <SendButton {...slot} />}
    </div>
  )
}

function PauseButton({ isBusy, onPause }: { isBusy: boolean; onPause: (() => void) | undefined }) {
  const { t } = useLingui()
  return (
    <IconButton
      size="md"
      side="top"
      label={t`Pause`}
      icon={isBusy ? <BusyRing /> : <Pause />}
      aria-busy={isBusy || undefined}
      onClick={isBusy ? undefined : onPause}
    />
  )
}

/** Stands where Pause stood. */
function ResumeButton({ isBusy, onResume }: { isBusy: boolean; onResume: (() => void) | undefined }) {
  const { t } = useLingui()
  return (
    <Button aria-label={t`Resume`} className="max-md:w-11 max-md:px-0!" busy={isBusy} onClick={onResume}>
      <span className="max-md:hidden">
        <Trans>Resume</Trans>
      </span>
      <Play aria-hidden className="size-3.5!" />
    </Button>
  )
}

/** Ink while it is the one thing to do; beside words that could be sent it is quiet. */
function StopButton({ isInk, onStop }: { isInk: boolean; onStop: (() => void) | undefined }) {
  const { t } = useLingui()
  return (
    <Tooltip text={t`Stop`} side="top">
      <button type="button" aria-label={t`Stop`} onClick={onStop} className={cx(ACTION, isInk ? INK : QUIET)}>
        <Square aria-hidden className="size-3! fill-current" />
      </button>
    </Tooltip>
  )
}

function SteerButton({ onSteer }: { onSteer: () => void }) {
  const { t } = useLingui()
  return (
    <Tooltip text={t`The agent reads it at its next step`} side="top">
      <Button className="gap-1! pr-3! pl-2!" onClick={onSteer}>
        <ChevronRight aria-hidden className="text-accent" />
        <Trans>Steer</Trans>
      </Button>
    </Tooltip>
  )
}

interface SlotProps {
  isReady: boolean
  hasWords: boolean
  isSending: boolean
  whyNot: string | null
  onSend: () => void
}

function SendButton({ isReady, hasWords, isSending, whyNot, onSend }: SlotProps) {
  const { t } = useLingui()
  return (
    <Tooltip text={whyNot ?? (hasWords ? t`Send` : t`Write a question first`)} side="top">
      <button
        type="button"
        aria-label={t`Send`}
        aria-disabled={!isReady}
        aria-busy={isSending || undefined}
        onClick={onSend}
        className={cx(ACTION, INK, !isReady && 'opacity-45')}
      >
        {isSending ? <BusyRing /> : <ArrowUp aria-hidden />}
      </button>
    </Tooltip>
  )
}

/** What Send is while an answer is being made; in its place, and named. */
function QueueButton({ isReady, hasWords, isSending, whyNot, onSend }: SlotProps) {
  const { t } = useLingui()
  return (
    <Tooltip text={whyNot ?? (hasWords ? t`Queue: runs when the answer is done` : t`Write a question first`)} side="top">
      <button
        type="button"
        aria-label={t`Queue`}
        aria-disabled={!isReady}
        aria-busy={isSending || undefined}
        onClick={onSend}
        className={cx(ACTION, 'border md:px-2.5', isReady ? cx(INK, 'border-transparent') : 'border-line text-ink-3')}
      >
        <span className="text-ui font-medium max-md:hidden">
          <Trans>Queue</Trans>
        </span>
        {isSending ? <BusyRing /> : <ListPlus aria-hidden />}
      </button>
    </Tooltip>
  )
}

/** Which key does what, where there are keys. */
export function KeyHint({ canSteer }: { canSteer: boolean }) {
  const modifier = modifierName()
  return (
    <span className="pointer-coarse:hidden">
      {canSteer ? (
        <Trans>
          <Kbd>Enter</Kbd> puts it in line · <Kbd>{modifier} Enter</Kbd> steers the answer
        </Trans>
      ) : (
        <Trans>
          <Kbd>Enter</Kbd> puts it in line
        </Trans>
      )}
    </span>
  )
}
