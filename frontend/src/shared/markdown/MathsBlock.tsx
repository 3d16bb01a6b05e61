/** A block with formulas in it. KaTeX and its fonts load with the first one. */
import 'katex/dist/katex.min.css'
import ReactMarkdown from 'react-markdown'
import rehypeKatex from 'rehype-katex'
import remarkGfm from 'remark-gfm'
import remarkMath from 'remark-math'

import { elements, liveElements } from './elements'
import { unifyMaths } from './maths'
import { numericColumns } from './numericColumns'
import { safeUrl } from './safeUrl'

export default function MathsBlock({ source, isOpen }: { source: string; isOpen: boolean }) {
  return (
    <ReactMarkdown
      remarkPlugins={[remarkGfm, [remarkMath, { singleDollarTextMath: false }]]}
      rehypePlugins={[numericColumns, [rehypeKatex, { errorColor: 'var(--ink-2)', strict: false }]]}
      urlTransform={safeUrl}
      components={isOpen ? liveElements : elements}
    >
      {unifyMaths(source)}
    </ReactMarkdown>
  )
}
