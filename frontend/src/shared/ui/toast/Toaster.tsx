/** Shows the toasts, bottom left; six seconds, or until put away. */
import { useLingui } from '@lingui/react/macro'
import { CircleAlert, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'

import { refocus } from '@/shared/lib/refocus'
import { useStore } from '@/shared/lib/useStore'

import { cx } from '../cx'
import { IconButton } from '../IconButton'
import { type ToastEntry, toasts } from './toasts'

const STAYS_MS = 6_000

export function Toaster() {
  const { t } = useLingui()
  const entries = useStore(toasts)
  return (
    <section
      aria-label={t`Messages`}
      className="pointer-events-none fixed bottom-4 left-4 z-[60] flex w-[min(380px,calc(100vw-32px))] flex-col gap-2 max-md:bottom-[calc(96px+env(safe-area-inset-bottom))]"
    >
      <div role="status" className="contents">
        {entries.map((entry) => (
          <Toast key={entry.id} entry={entry} />
        ))}
      </div>
    </section>
  )
}

function Toast({ entry }: { entry: ToastEntry }) {
  const { t } = useLingui()
  const [held, setHeld] = useState(false)
  const before = useRef<Element | null>(null)
  const leave = () => {
    refocus(before.current)
    toasts.dismiss(entry.id)
  }
  const stays = held || entry.tone === 'error'

  useEffect(() => {
    if (stays) return
    const timer = setTimeout(() => toasts.dismiss(entry.id), STAYS_MS)
    return () => clearTimeout(timer)
  }, [stays, entry.id])

  const hold = { onPointerEnter: () => setHeld(true), onPointerLeave: () => setHeld(false), onBlur: () => setHeld(false) }
  return (
    <div
      {...hold}
      onFocus={(event) => {
        setHeld(true)
        if (!event.currentTarget.contains(event.relatedTarget)) before.current = event.relatedTarget
      }}
      className="animate-rise pointer-events-auto flex min-h-10 items-center gap-2 rounded-block border border-float-edge surface-raised py-1 pr-1.5 pl-3 text-ui shadow-menu"
    >
      {entry.tone === 'error' && <CircleAlert aria-hidden className="text-danger" />}
      <p className={cx('min-w-0 flex-1 py-1', entry.tone === 'error' && 'text-danger')}>{entry.text}</p>
      {entry.action && (
        <button
          type="button"
          className="press h-7 rounded-control px-2 text-ui font-medium text-ink hover:bg-hover max-md:h-11"
          onClick={() => {
            entry.action?.onAct()
            leave()
          }}
        >
          {entry.action.label}
        </button>
      )}
      <IconButton label={t`Dismiss`} icon={<X />} onClick={leave} />
    </div>
  )
}
