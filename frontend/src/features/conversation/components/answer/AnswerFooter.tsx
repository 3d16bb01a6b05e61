/** The last line of an answer: its figures on the left, which open the inspector, what can be done on the right. */
import { useLingui } from '@lingui/react/macro'
import { RotateCcw } from 'lucide-react'
import type { ReactNode } from 'react'

import { useMay } from '@/shared/api'
import { useIsPhone } from '@/shared/hooks'
import { CopyButton, cx, IconButton } from '@/shared/ui'

import type { Answer } from '../../model/answer'
import { asMarkdown } from '../../model/exportMarkdown'
import type { Message } from '../../model/message'
import { useActions } from '../actions'
import { AnswerMenu } from './AnswerMenu'
import { Facts, LiveFacts } from './Facts'
import { SiblingArrows } from './SiblingArrows'
import { Thumbs } from './Thumbs'

interface AnswerFooterProps {
  message: Message
  answer: Answer
  isLive: boolean
  isPaused: boolean
  sign: ReactNode
}

export function AnswerFooter({ message, answer, isLive, isPaused, sign }: AnswerFooterProps) {
  const { t } = useLingui()
  const { inspect } = useActions()
  const isPending = message.id.startsWith('pending-')
  const hasVersions = message.siblings.count > 1
  return (
    <footer className={cx('@container relative flex min-h-7 items-center gap-1 text-row text-ink-3 max-md:min-h-11', hasVersions && 'max-md:flex-wrap')}>
      <span className="absolute top-0 -left-[calc(var(--rail)+1px)] flex h-7 items-center max-md:h-11">
        <span className="bg-canvas py-0.5">{sign}</span>
      </span>
      <button
        type="button"
        onClick={() => inspect(message.id)}
        disabled={isPending}
        className={cx(
          'press -ml-2 flex min-h-7 min-w-0 flex-1 items-center gap-4 rounded-control px-2 text-left hover:bg-hover max-md:min-h-11 max-md:gap-3',
          hasVersions && 'max-md:basis-full',
        )}
      >
        {/* The figures are part of its name: who says what they see means this button. */}
        <span className="sr-only">{t`Look into this answer`}</span>
        {isLive ? <LiveFacts answer={answer} isPaused={isPaused} /> : <Facts answer={answer} />}
      </button>
      {!isLive && !isPending && answer.status !== 'waiting' && <AnswerActions message={message} answer={answer} />}
    </footer>
  )
}

function AnswerActions({ message, answer }: { message: Message; answer: Answer }) {
  const { t } = useLingui()
  const isPhone = useIsPhone()
  const hasFailed = answer.status === 'failed'
  // What failed is told with its own way on.
  const mayRate = useMay('sessions:write') && !hasFailed
  const { repeat, showBranch, isChangingBranch } = useActions()
  const markdown = () => asMarkdown(answer.parts.map(({ part }) => part))
  const onRepeat = repeat === null || hasFailed ? null : () => repeat(message)
  return (
    <div className="flex flex-none items-center max-md:ml-auto print:hidden">
      <SiblingArrows message={message} onShow={showBranch} disabled={isChangingBranch} />
      {isPhone ? (
        <AnswerMenu message={message} mayRate={mayRate} markdown={markdown} onRepeat={onRepeat} />
      ) : (
        <>
          <CopyButton text={markdown} label={t`Copy as Markdown`} />
          {mayRate && <Thumbs message={message} />}
          {onRepeat !== null && <IconButton label={t`Answer again`} icon={<RotateCcw />} onClick={onRepeat} />}
        </>
      )}
    </div>
  )
}
