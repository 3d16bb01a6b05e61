/** The mark at the end of a row: a live dot, two bars of a pause, a waiting ring, a cross, an unread dot. Shape and colour say the same. */
import { useLingui } from '@lingui/react/macro'

import { cx } from '@/shared/ui'

import type { SessionMark as Mark } from '../model/mark'

const SHAPES = {
  paused: cx('border-x-[2.5px] border-accent'),
  live: cx('animate-breathe rounded-full bg-accent'),
  waiting: cx('rounded-full border-2 border-warn'),
  unread: cx('rounded-full bg-ink'),
} as const

export function SessionMark({ mark }: { mark: Exclude<Mark, null> }) {
  const { t } = useLingui()
  const names = { live: t`Answering`, paused: t`Paused`, waiting: t`Waiting for you`, failed: t`Failed`, unread: t`New answer` }
  return (
    <span className="flex size-4 flex-none items-center justify-center">
      {mark === 'failed' ? (
        <svg aria-hidden viewBox="0 0 8 8" className="size-2 text-danger" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round">
          <path d="M1 1l6 6M7 1l-6 6" />
        </svg>
      ) : (
        <span aria-hidden className={cx('size-2', SHAPES[mark])} />
      )}
      <span className="sr-only">{names[mark]}</span>
    </span>
  )
}
