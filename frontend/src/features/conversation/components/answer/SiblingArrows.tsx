/** Moves between the versions of a message: "< 2 / 3 >". */
import { useLingui } from '@lingui/react/macro'
import { ChevronLeft, ChevronRight } from 'lucide-react'

import { IconButton } from '@/shared/ui'

import type { Message } from '../../model/message'
import { neighbourId } from '../../model/path'

interface SiblingArrowsProps {
  message: Message
  /** Null where only the place among the versions is told. */
  onShow: ((messageId: string) => void) | null
  disabled: boolean
}

export function SiblingArrows({ message, onShow, disabled }: SiblingArrowsProps) {
  const { t } = useLingui()
  const { index, count } = message.siblings
  if (count < 2) return null
  const place = index + 1
  const toNeighbour = (step: 1 | -1) => {
    const id = neighbourId(message, step)
    return { disabled: disabled || id === null, onClick: () => id !== null && onShow?.(id) }
  }
  return (
    <span className="flex flex-none items-center text-row text-ink-3">
      {onShow && <IconButton label={t`Earlier version`} icon={<ChevronLeft />} {...toNeighbour(-1)} />}
      <span aria-label={t`Version ${place} of ${count}`}>
        {place} / {count}
      </span>
      {onShow && <IconButton label={t`Later version`} icon={<ChevronRight />} {...toNeighbour(1)} />}
    </span>
  )
}
