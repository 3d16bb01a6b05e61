/** Tools of a server that were not taken, and why. */
import { Plural, useLingui } from '@lingui/react/macro'

import type { ToolSource } from '@/shared/api'

type LeftOut = ToolSource['left_out'][number]

export function LeftOutTools({ tools }: { tools: LeftOut[] }) {
  const reasonText = useReasonText()
  if (tools.length === 0) return null
  return (
    <div className="pt-2 text-row">
      <p className="text-ink-2">
        <Plural value={tools.length} one="# tool was left out:" other="# tools were left out:" />
      </p>
      <ul>
        {tools.map(({ name, reason }, at) => (
          <li key={at} className="wrap-anywhere text-ink-3">
            <span className="font-mono">{name}</span>
            {` · ${reasonText(reason)}`}
          </li>
        ))}
      </ul>
    </div>
  )
}

function useReasonText(): (reason: LeftOut['reason']) => string {
  const { t } = useLingui()
  const texts: Record<LeftOut['reason'], string> = {
    too_many: t`the server offers more tools than are taken`,
    name: t`its name is too long, or cannot be shown`,
    twice: t`it is listed twice`,
    unreadable: t`what is said of it cannot be read`,
    too_large: t`its schemas are too large`,
    schema: t`its schema cannot be used`,
    arguments: t`its arguments are no object`,
    headers: t`it asks for headers that cannot be sent`,
  }
  return (reason) => texts[reason]
}
