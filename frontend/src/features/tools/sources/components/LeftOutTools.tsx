/** Tools of a server that were not taken, and why. */
import { Plural, useLingui } from '@lingui/react/macro'

import type { ToolSource } from '@/shared/api'

export function LeftOutTools({ tools }: { tools: ToolSource['left_out'] }) {
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

/** The server gives reasons in English; those that we know are said in the reader's language. */
function useReasonText(): (reason: string) => string {
  const { t } = useLingui()
  /* eslint-disable lingui/no-unlocalized-strings -- how the server's sentences begin */
  const known: [begin: string, text: string][] = [
    ['more than', t`the server offers more tools than are taken`],
    ['a name has', t`its name is too long, or cannot be shown`],
    ['it is listed twice', t`it is listed twice`],
    ['its schemas are larger', t`its schemas are too large`],
    ['its schema is no', t`its schema cannot be used`],
    ['its arguments are no', t`its arguments are no object`],
  ]
  /* eslint-enable lingui/no-unlocalized-strings */
  return (reason) => known.find(([begin]) => reason.startsWith(begin))?.[1] ?? reason
}
