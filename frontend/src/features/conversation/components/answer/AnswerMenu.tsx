/** What can be done with an answer, behind one button where there is no room for four. */
import { useLingui } from '@lingui/react/macro'
import { Check, Copy, Ellipsis, RotateCcw, ThumbsDown, ThumbsUp } from 'lucide-react'
import { useState } from 'react'

import { copyText } from '@/shared/lib/clipboard'
import { IconButton, Menu, MenuItem, Sheet, toasts } from '@/shared/ui'

import { useRating } from '../../hooks/useRating'
import type { Message } from '../../model/message'
import { Reasons } from './Reasons'

interface AnswerMenuProps {
  message: Message
  mayRate: boolean
  markdown: () => string
  onRepeat: (() => void) | null
}

export function AnswerMenu({ message, mayRate, markdown, onRepeat }: AnswerMenuProps) {
  const { t } = useLingui()
  const { rating, press, explain } = useRating(message)
  const [isAsking, setAsking] = useState(false)
  const copy = async () => {
    const isCopied = await copyText(markdown())
    toasts.show(isCopied ? { text: t`Copied` } : { text: t`The browser did not allow copying. Select the text and copy it yourself.`, tone: 'error' })
  }
  const chosen = <Check aria-hidden />
  return (
    <>
      <Menu align="end" trigger={<IconButton label={t`More`} icon={<Ellipsis />} />}>
        <MenuItem icon={<Copy aria-hidden />} onSelect={() => void copy()}>{t`Copy as Markdown`}</MenuItem>
        {mayRate && (
          <>
            <MenuItem icon={<ThumbsUp aria-hidden />} onSelect={() => press('up')} end={rating === 'up' && chosen}>{t`Good answer`}</MenuItem>
            <MenuItem
              icon={<ThumbsDown aria-hidden />}
              end={rating === 'down' && chosen}
              onSelect={() => {
                press('down')
                setAsking(rating !== 'down')
              }}
            >{t`Bad answer`}</MenuItem>
          </>
        )}
        {onRepeat !== null && <MenuItem icon={<RotateCcw aria-hidden />} onSelect={onRepeat}>{t`Answer again`}</MenuItem>}
      </Menu>
      <Sheet side="bottom" label={t`What was wrong?`} open={isAsking} onOpenChange={setAsking}>
        <Reasons
          onSend={(reason, text) => {
            explain(reason, text)
            setAsking(false)
          }}
        />
      </Sheet>
    </>
  )
}
