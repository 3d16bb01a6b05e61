/** Markdown of a model or a person. The parser is a chunk of its own; until it is there the text shows as it is. */
import { lazy, Suspense, useEffect, useState } from 'react'

import type MarkdownBlocks from './MarkdownBlocks'

import './prose.css'

let loaded: typeof MarkdownBlocks | null = null

async function load() {
  const module = await import('./MarkdownBlocks')
  loaded = module.default
  return module
}

const LateBlocks = lazy(load)

interface MarkdownProps {
  text: string
  /** More may come: the open end is mended, and code in it is not coloured yet. */
  isLive?: boolean
}

export function preloadMarkdown(): void {
  // A failed preload is tried again, and told, where the text is shown.
  load().catch(() => undefined)
}

/** Whether text shows in its final form, and so in its final height, at once. A parser that cannot be had is not waited for. */
export function useMarkdownReady(): boolean {
  const [isReady, setReady] = useState(loaded !== null)
  useEffect(() => {
    if (isReady) return
    load()
      .catch(() => undefined)
      .finally(() => setReady(true))
  }, [isReady])
  return isReady
}

export function Markdown({ text, isLive = false }: MarkdownProps) {
  // A lazy component shows its fallback for some frames even when its chunk is there, and then everything below jumps.
  const [Blocks] = useState(() => loaded ?? LateBlocks)
  return (
    <Suspense fallback={<div className="prose whitespace-pre-wrap">{text}</div>}>
      <Blocks text={text} isLive={isLive} />
    </Suspense>
  )
}
