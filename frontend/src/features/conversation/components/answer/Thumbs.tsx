/** Thumbs on an answer; a thumb down asks for the reason, which may stay empty. */
import { useLingui } from '@lingui/react/macro'
import { ThumbsDown, ThumbsUp } from 'lucide-react'
import { useState } from 'react'

import { cx, IconButton, Popover } from '@/shared/ui'

import { useRating } from '../../hooks/useRating'
import type { Message } from '../../model/message'
import { Reasons } from './Reasons'

export function Thumbs({ message }: { message: Message }) {
  const { t } = useLingui()
  const { rating, press, explain } = useRating(message)
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <IconButton
        label={t`Good answer`}
        icon={<ThumbsUp className={cx(rating === 'up' && 'fill-current')} />}
        aria-pressed={rating === 'up'}
        onClick={() => press('up')}
      />
      <Popover
        label={t`What was wrong?`}
        open={isAsking}
        onOpenChange={(open) => !open && setAsking(false)}
        trigger={
          <IconButton
            label={t`Bad answer`}
            icon={<ThumbsDown className={cx(rating === 'down' && 'fill-current')} />}
            aria-pressed={rating === 'down'}
            onClick={() => {
              press('down')
              setAsking(rating !== 'down')
            }}
          />
        }
      >
        <Reasons
          onSend={(reason, text) => {
            explain(reason, text)
            setAsking(false)
          }}
        />
      </Popover>
    </>
  )
}
