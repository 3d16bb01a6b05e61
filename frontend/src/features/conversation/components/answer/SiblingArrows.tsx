/** Moves between the versions of a message: "< 2 / 3 >". */
import { useLingui } from '@lingui/react/macro'
import { ChevronLeft, ChevronRight } from 'lucide-react'

import { IconButton } from '@/shared/ui'

import type { Message } from '../../model/message'
import { neighbourId } from '../../model/path'

interface SiblingArrowsProps {
  message: Message
  onShow: (messageId: string) => void
  disabled: boolean
}

export function SiblingArrows({ message, onShow, disabled }: SiblingArrowsProps) {
  const { t } = useLingui()
  const { index, count } = message.siblings
  if (count < 2) return null
  const previous = neighbourId(message, -1)
  const next = neighbourId(message, 1)
  const place = index + 1
  return (
    <span className="flex flex-none items-center text-row text-ink-3">
      <IconButton label={t`Earlier version`} icon={<ChevronLeft />} disabled={disabled || previous === null} onClick={() => previous !== null && onShow(previous)} />
      <span aria-label={t`Version ${place} of ${count}`}>
        {place} / {count}
      </span>
      <IconButton label={t`Later version`} icon={<ChevronRight />} disabled={disabled || next === null} onClick={() => next !== null && onShow(next)} />
    </span>
  )
}
