/** A block of code: its language, a way to copy it, and colours once it is whole. */
import { useLingui } from '@lingui/react/macro'
import { memo, useEffect, useState } from 'react'

import { CopyButton } from '@/shared/ui'

import type { CodeLine } from './highlight'

interface CodeBlockProps {
  code: string
  language: string
  /** Still being written: plain, so that colouring does not run once per frame. */
  isOpen?: boolean
}

export const CodeBlock = memo(function CodeBlock({ code, language, isOpen = false }: CodeBlockProps) {
  const { t } = useLingui()
  const lines = useHighlighted(code, language, isOpen)
  return (
    <figure className="code-block group/code">
      <figcaption dir="ltr">
        <span>{language}</span>
        <CopyButton text={() => code} label={t`Copy code`} className="code-copy" />
      </figcaption>
      {/* A wide block must scroll by keyboard too. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above */}
      <pre tabIndex={0} dir="ltr" aria-label={language === '' ? t`Code` : t`Code in ${language}`}>
        <code>{lines === null ? code : lines.map(renderLine)}</code>
      </pre>
    </figure>
  )
})

function renderLine(line: CodeLine, index: number) {
  return (
    <span key={index}>
      {index > 0 && '\n'}
      {line.map((token, at) => (
        <span key={at} style={{ color: token.color }}>
          {token.text}
        </span>
      ))}
    </span>
  )
}

function useHighlighted(code: string, language: string, isOpen: boolean): CodeLine[] | null {
  const [done, setDone] = useState<{ code: string; lines: CodeLine[] } | null>(null)
  useEffect(() => {
    if (isOpen || language === '') return
    let isCurrent = true
    void import('./highlight')
      .then(({ highlight }) => highlight(code, language))
      .then((lines) => {
        if (isCurrent && lines !== null) setDone({ code, lines })
      })
      // Plain code is readable too: nobody needs to hear that its colours failed to load.
      .catch(() => undefined)
    return () => {
      isCurrent = false
    }
  }, [code, language, isOpen])
  return done?.code === code ? done.lines : null
}
