/** Every tool call of an answer with what went in and what came out. */
import { Trans, useLingui } from '@lingui/react/macro'

import type { Answer } from '../../model/answer'
import { formatDuration } from '../../model/format'
import { ToolDetails } from '../answer/ToolDetails'
import { Verdict } from '../answer/ToolRow'
import { useToolWords } from '../answer/toolWords'
import { Quiet } from './Section'

export function ToolsTab({ answer }: { answer: Answer }) {
  const { i18n } = useLingui()
  const errorText = useToolWords()
  const calls = answer.parts.filter(({ part }) => part.type === 'tool_call')
  if (calls.length === 0) {
    return (
      <Quiet>
        <Trans>This answer used no tools.</Trans>
      </Quiet>
    )
  }
  return calls.map(({ key, part, isOpen }) => {
    if (part.type !== 'tool_call') return null
    return (
      <section key={key}>
        <h3 className="mb-2 flex items-center gap-2 text-row">
          <span className="font-medium text-ink">{errorText(part.name, part.status === 'running' && isOpen)}</span>
          <code className="truncate min-w-0 font-mono text-badge font-normal text-ink-3">{part.name}</code>
          {part.duration_ms !== null && <span className="flex-none text-ink-3">{formatDuration(part.duration_ms, i18n.locale)}</span>}
          <Verdict part={part} />
        </h3>
        <ToolDetails part={part} />
      </section>
    )
  })
}
