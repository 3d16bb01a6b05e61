/** Footnotes: a small number in the text, the note at the end of the same answer, and the way back. */
import { Trans, useLingui } from '@lingui/react/macro'
import { CornerLeftUp } from 'lucide-react'
import { createContext, use, type MouseEvent, type ReactNode } from 'react'

interface Numbering {
  /** Differs between the texts of a page, each of which may have its own first note. */
  prefix: string
  labels: readonly string[]
}

export const NotesContext = createContext<Numbering>({ prefix: '', labels: [] })

export function NoteMark({ label }: { label: string }) {
  const { t } = useLingui()
  const { prefix, labels } = use(NotesContext)
  const number = labels.indexOf(label) + 1
  return (
    <sup className="note-mark">
      <a href={`#${prefix}note-${String(number)}`} role="doc-noteref" aria-label={t`Footnote ${number}`} data-note-mark={number} onClick={(event) => jump(event, `[data-note="${String(number)}"]`)}>
        {number}
      </a>
    </sup>
  )
}

export function Notes({ children }: { children: { label: string; text: ReactNode }[] }) {
  const { t } = useLingui()
  const { prefix, labels } = use(NotesContext)
  return (
    <section className="notes" role="doc-endnotes" aria-label={t`Footnotes`}>
      <ol>
        {children.map(({ label, text }) => {
          const number = labels.indexOf(label) + 1
          return (
            <li key={label} id={`${prefix}note-${String(number)}`} value={number} data-note={number} tabIndex={-1} dir="auto">
              {text}
              <a href={`#${prefix}note-${String(number)}`} role="doc-backlink" className="note-back" onClick={(event) => jump(event, `[data-note-mark="${String(number)}"]`)}>
                <CornerLeftUp aria-hidden />
                <span className="sr-only">
                  <Trans>Back to the text</Trans>
                </span>
              </a>
            </li>
          )
        })}
      </ol>
    </section>
  )
}

/** Within its own answer, and without an entry in the history. */
function jump(event: MouseEvent<HTMLElement>, selector: string): void {
  event.preventDefault()
  const target = event.currentTarget.closest('.prose')?.querySelector<HTMLElement>(selector)
  target?.scrollIntoView({ block: 'nearest' })
  target?.focus({ preventScroll: true })
}
