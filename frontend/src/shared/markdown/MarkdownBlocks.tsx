/** Renders Markdown block by block; a block that is closed is never parsed again. */
import { lazy, memo, Suspense, useState } from 'react'
import ReactMarkdown from 'react-markdown'
import remarkGfm from 'remark-gfm'

import { allBlocks, cutBlocks, NO_BLOCKS, type Blocks } from './blocks'
import { elements, liveElements } from './elements'
import { hasMaths } from './maths'
import { mendTail } from './mend'
import { numericColumns } from './numericColumns'
import { safeUrl } from './safeUrl'

const MathsBlock = lazy(() => import('./MathsBlock'))

export default function MarkdownBlocks({ text, isLive }: { text: string; isLive: boolean }) {
  const blocks = useBlocks(text)
  const last = blocks.length - 1
  return (
    <div className="prose" data-live={isLive || undefined}>
      {blocks.map((block, index) => {
        const isOpen = isLive && index === last
        // Blocks only ever grow at the end, so their place is their identity.
        return <Block key={index} source={isOpen ? mendTail(block) : block} isOpen={isOpen} />
      })}
    </div>
  )
}

/** Cuts on from where the last text was cut. */
function useBlocks(text: string): string[] {
  const [cut, setCut] = useState<Blocks>(NO_BLOCKS)
  if (cut.source === text) return allBlocks(cut)
  const next = cutBlocks(text, cut)
  setCut(next)
  return allBlocks(next)
}

const Block = memo(function Block({ source, isOpen }: { source: string; isOpen: boolean }) {
  if (!hasMaths(source)) return <PlainBlock source={source} isOpen={isOpen} />
  return (
    <Suspense fallback={<PlainBlock source={source} isOpen={isOpen} />}>
      <MathsBlock source={source} isOpen={isOpen} />
    </Suspense>
  )
})

function PlainBlock({ source, isOpen }: { source: string; isOpen: boolean }) {
  return (
    <ReactMarkdown
      remarkPlugins={[remarkGfm]}
      rehypePlugins={[numericColumns]}
      urlTransform={safeUrl}
      components={isOpen ? liveElements : elements}
    >
      {source}
    </ReactMarkdown>
  )
}
