/** Differences told by sign and by shape, not by colour alone: what is gone is struck through, what is new underlined. */
import { useLingui } from '@lingui/react/macro'

import { cx } from '@/shared/ui'

import type { Piece } from '../model/difference'

const TONES = { same: '', gone: cx('bg-danger-soft text-danger'), new: cx('bg-ok-soft text-ok') } as const

export function TextDifference({ pieces }: { pieces: Piece[] }) {
  return (
    <p dir="auto" className="max-w-prose text-ui wrap-anywhere whitespace-pre-wrap text-ink">
      {pieces.map(({ kind, text }, at) => {
        if (kind === 'same') return <span key={at}>{text}</span>
        const Mark = kind === 'gone' ? 'del' : 'ins'
        return (
          <Mark key={at} className={cx('rounded-badge', TONES[kind], kind === 'gone' ? 'line-through' : 'underline decoration-1 underline-offset-2')}>
            {text}
          </Mark>
        )
      })}
    </p>
  )
}

/** Lines around a change that are shown with it. */
const AROUND = 3
const SIGNS = { same: ' ', gone: '−', new: '+' } as const

export function SchemaDifference({ pieces, isWhole }: { pieces: Piece[]; isWhole: boolean }) {
  const { t } = useLingui()
  const isNear = (at: number) => pieces.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ kind }) => kind !== 'same')
  const shown = pieces.map((piece, at) => ({ ...piece, at })).filter(({ at }) => isWhole || isNear(at))
  return (
    <pre
      // What scrolls must be reachable by keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above
      tabIndex={0}
      aria-label={t`Schema`}
      className="max-h-72 overflow-auto rounded-code bg-sunken py-2 font-mono text-row"
    >
      {shown.map(({ kind, text, at }, place) => {
        const isAfterGap = at !== (shown[place - 1]?.at ?? -1) + 1
        const Line = kind === 'same' ? 'span' : kind === 'gone' ? 'del' : 'ins'
        return (
          <Line key={at} className={cx('block min-w-max px-3 no-underline', TONES[kind], isAfterGap && 'before:block before:text-ink-3 before:content-["⋯"]')}>
            {`${SIGNS[kind]} ${text}`}
          </Line>
        )
      })}
    </pre>
  )
}
