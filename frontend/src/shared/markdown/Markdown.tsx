/** Markdown of a model or a person. The parser is a chunk of its own; until it is there the text shows as it is. */
import { lazy, Suspense } from 'react'

import './prose.css'

const load = () => import('./MarkdownBlocks')
const MarkdownBlocks = lazy(load)

interface MarkdownProps {
  text: string
  /** More may come: the open end is mended, and code in it is not coloured yet. */
  isLive?: boolean
}

export function preloadMarkdown(): void {
  // A failed preload is tried again, and told, where the text is shown.
  load().catch(() => undefined)
}

export function Markdown({ text, isLive = false }: MarkdownProps) {
  return (
    <Suspense fallback={<div className="prose whitespace-pre-wrap">{text}</div>}>
      <MarkdownBlocks text={text} isLive={isLive} />
    </Suspense>
  )
}
