/** What the server of a command has written, newest at the end; read again while it is open. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'

import { ErrorLine, Skeleton } from '@/shared/ui'

import { sourceLogQuery } from '../api/toolSources'
import { useSourceErrorText } from './useSourceErrorText'

interface SourceLogProps {
  /** Of the element, for the button that unfolds it. */
  id: string
  sourceId: string
  name: string
}

export function SourceLog({ id, sourceId, name }: SourceLogProps) {
  const { t, i18n } = useLingui()
  const errorText = useSourceErrorText()
  const { data, error } = useQuery(sourceLogQuery(sourceId))
  const time = new Intl.DateTimeFormat(i18n.locale, { timeStyle: 'medium' })
  return (
    <div id={id} className="mt-2">
      {error && <ErrorLine>{errorText(error)}</ErrorLine>}
      {!data && !error && <Skeleton className="h-16" />}
      {data && data.items.length === 0 && (
        <p className="text-row text-ink-2">
          <Trans>It has written nothing yet.</Trans>
        </p>
      )}
      {data && data.items.length > 0 && (
        <div
          role="log"
          aria-label={t`Log of ${name}`}
          aria-live="off"
          // What scrolls must be reachable by keyboard.
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above
          tabIndex={0}
          dir="ltr"
          className="flex max-h-72 flex-col-reverse overflow-y-auto rounded-control border border-line bg-block p-2.5 font-mono text-code text-ink-2"
        >
          <ol>
            {data.items.map(({ at, text }, index) => (
              <li key={index} className="wrap-anywhere whitespace-pre-wrap">
                <time dateTime={at} className="pr-2 text-ink-3 tabular-nums">{time.format(new Date(at))}</time>
                {text}
              </li>
            ))}
          </ol>
        </div>
      )}
    </div>
  )
}
