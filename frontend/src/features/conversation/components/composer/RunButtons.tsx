/** The buttons at the end of the composer: one is ink, the others are quiet. */
import { Trans, useLingui } from '@lingui/react/macro'
import { ArrowUp, ChevronRight, ListPlus, Pause, Square } from 'lucide-react'

import { BusyRing, Button, cx, IconButton, Kbd, modifierName, Tooltip } from '@/shared/ui'

import type { ActiveRunState } from '../../hooks/useActiveRun'

const ACTION = cx(
  'press ml-1 flex size-[34px] flex-none items-center justify-center rounded-code bg-ink text-on-ink hover:bg-ink/88 max-md:size-11',
)

interface RunButtonsProps {
  state: ActiveRunState
  hasWords: boolean
  isReady: boolean
  isSending: boolean
  onSend: () => void
  onSteer: (() => void) | undefined
  onStop?: () => void
  onPause?: () => void
  isPausing?: boolean
}

export function RunButtons({ state, hasWords, isReady, isSending, onSend, onSteer, onStop, onPause, isPausing = false }: RunButtonsProps) {
  const isBusy = state !== 'idle'
  return (
    <>
      {state === 'working' && <PauseButton isBusy={isPausing} onPause={onPause} />}
      {isBusy && <StopButton isQuiet={hasWords} onStop={onStop} />}
      {onSteer !== undefined && <SteerButton onSteer={onSteer} />}
      {(!isBusy || hasWords) && <SendButton isBusy={isBusy} isReady={isReady} isSending={isSending} onSend={onSend} />}
    </>
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

/** Ink while nothing is written; beside words that could be sent it is quiet. */
function StopButton({ isQuiet, onStop }: { isQuiet: boolean; onStop: (() => void) | undefined }) {
  const { t } = useLingui()
  const icon = <Square aria-hidden className="size-3! fill-current" />
  if (isQuiet) return <IconButton size="md" side="top" label={t`Stop`} icon={icon} onClick={onStop} />
  return (
    <Tooltip text={t`Stop`} side="top">
      <button type="button" aria-label={t`Stop`} onClick={onStop} className={ACTION}>
        {icon}
      </button>
    </Tooltip>
  )
}

function SteerButton({ onSteer }: { onSteer: () => void }) {
  const { t } = useLingui()
  return (
    <Tooltip text={t`The agent reads it at its next step`} side="top">
      <Button className="ml-1 gap-1! pr-3! pl-2!" onClick={onSteer}>
        <ChevronRight aria-hidden className="text-accent" />
        <Trans>Steer</Trans>
      </Button>
    </Tooltip>
  )
}

function SendButton({ isBusy, isReady, isSending, onSend }: { isBusy: boolean; isReady: boolean; isSending: boolean; onSend: () => void }) {
  const { t } = useLingui()
  const label = isBusy ? t`Queue` : t`Send`
  return (
    <Tooltip text={isReady ? (isBusy ? t`Queue: runs when the answer is done` : label) : t`Write a question first`} side="top">
      <button type="button" aria-label={label} aria-disabled={!isReady} aria-busy={isSending || undefined} onClick={onSend} className={cx(ACTION, !isReady && 'opacity-45')}>
        {isSending ? <BusyRing /> : isBusy ? <ListPlus aria-hidden /> : <ArrowUp aria-hidden />}
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
