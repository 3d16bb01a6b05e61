/** What came of trying a server: what it offers and how fast, or what went wrong. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Check } from 'lucide-react'

import type { ToolSourceTest } from '@/shared/api'
import { firstSentence } from '@/shared/lib/toolName'
import { ErrorLine } from '@/shared/ui'

import { LeftOutTools } from './LeftOutTools'
import { useSourceErrorText } from './useSourceErrorText'

export function TestedSource({ result }: { result: ToolSourceTest }) {
  const { t, i18n } = useLingui()
  const errorText = useSourceErrorText()
  if (!result.ok) {
    return (
      <div className="flex flex-col gap-2">
        <ErrorLine>{errorText(result.error ?? { code: 'tools.source_failed', message: '' })}</ErrorLine>
        <Written lines={result.log} />
      </div>
    )
  }
  const ms = new Intl.NumberFormat(i18n.locale).format(result.latency_ms)
  return (
    <div>
      <p role="status" className="flex gap-2 text-row text-ok">
        <Check aria-hidden className="mt-px" />
        <span>
          <Plural value={result.tools.length} one="It works: # tool" other="It works: # tools" />
          {' · '}
          <span className="text-ink-2">
            <Trans>answered in {ms} ms</Trans>
          </span>
        </span>
      </p>
      <ul
        // What scrolls must be reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above
        tabIndex={0}
        aria-label={t`What it offers`}
        className="mt-2 max-h-44 divide-y divide-line overflow-y-auto border-y border-line"
      >
        {result.tools.map((tool) => (
          <li key={tool.name} className="py-1.5 text-row wrap-anywhere">
            <span className="text-ink">{tool.title}</span>
            <span dir="auto" className="block text-ink-3">{firstSentence(tool.description)}</span>
          </li>
        ))}
      </ul>
      <LeftOutTools tools={result.left_out} />
    </div>
  )
}

/** What a command wrote while it was tried: mostly why it does not start. */
function Written({ lines }: { lines: string[] }) {
  const { t } = useLingui()
  if (lines.length === 0) return null
  return (
    <pre
      // What scrolls must be reachable by keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above
      tabIndex={0}
      aria-label={t`What it wrote`}
      dir="ltr"
      className="max-h-44 overflow-auto rounded-control border border-line bg-block p-2.5 text-code whitespace-pre-wrap text-ink-2"
    >
      {lines.join('\n')}
    </pre>
  )
}
