/** One block of Markdown as elements. What breaks the parser is shown as the text it is. */
import type { Root } from 'hast'
import { toJsxRuntime } from 'hast-util-to-jsx-runtime'
import { memo, type ReactNode } from 'react'
import { Fragment, jsx, jsxs } from 'react/jsx-runtime'

import { CodeBlock } from './CodeBlock'
import { elements, OpenContext } from './elements'
import { soleCode } from './source/code'
import { mendTail } from './source/mend'
import { takeOut } from './source/takeOut'
import { toTree } from './tree/toTree'

interface BlockViewProps {
  source: string
  definitions: string
  notes: string
  isOpen: boolean
}

export function BlockView(props: BlockViewProps): ReactNode {
  // A block of nothing but code needs no parser, however long it grows.
  const code = soleCode(props.source, props.isOpen)
  if (code !== null) return <CodeBlock code={code.code} language={code.language} isOpen={props.isOpen && !code.isClosed} />
  const tree = parse(props)
  if (tree === null) return <p className="whitespace-pre-wrap" dir="auto">{props.source}</p>
  return <OpenContext value={props.isOpen}>{toJsxRuntime(tree, { Fragment, jsx, jsxs, components: elements, passKeys: true, passNode: true, ignoreInvalidStyle: true })}</OpenContext>
}

export const MemoBlockView = memo(BlockView)

function parse({ source, definitions, notes, isOpen }: BlockViewProps): Root | null {
  const known = new Set(notes.split(' '))
  const { text, taken, endsInCode } = takeOut(source, { isOpen, isNote: (label) => known.has(label) })
  try {
    return toTree({ text: isOpen ? mendTail(text, endsInCode) : text, taken, definitions, isOpen })
  } catch (error) {
    // Nesting beyond the stack is the one way to get here; the words are still worth reading.
    if (error instanceof RangeError) return null
    throw error
  }
}
