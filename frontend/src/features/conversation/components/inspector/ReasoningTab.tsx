/** The whole chain of thought of an answer, in order. */
import { Trans, useLingui } from '@lingui/react/macro'

import { Markdown } from '@/shared/markdown'

import type { Answer } from '../../model/answer'
import { formatDuration } from '../../model/format'
import { Quiet } from './Section'

export function ReasoningTab({ answer }: { answer: Answer }) {
  const { i18n } = useLingui()
  const thoughts = answer.parts.filter(({ part }) => part.type === 'reasoning')
  if (thoughts.length === 0) {
    return (
      <Quiet>
        <Trans>The model showed no reasoning for this answer.</Trans>
      </Quiet>
    )
  }
  return thoughts.map(({ key, part, isOpen }, index) => {
    if (part.type !== 'reasoning') return null
    const place = index + 1
    return (
      <section key={key} className="border-l-2 border-reason/40 pl-3">
        <h3 className="mb-1 text-badge text-ink-3">
          <Trans>Thought {place}</Trans>
          {part.duration_ms != null && <span className="ml-2 font-normal">{formatDuration(part.duration_ms, i18n.locale)}</span>}
        </h3>
        <div className="prose-thought">
          <Markdown text={part.text} isLive={isOpen} />
        </div>
      </section>
    )
  })
}
