/** From the Markdown of one block to the tree that is shown. No HTML string is made on the way. */
import type { Root } from 'hast'
import type { Root as MarkdownRoot } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmAutolinkLiteralFromMarkdown } from 'mdast-util-gfm-autolink-literal'
import { gfmStrikethroughFromMarkdown } from 'mdast-util-gfm-strikethrough'
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table'
import { gfmTaskListItemFromMarkdown } from 'mdast-util-gfm-task-list-item'
import { toHast } from 'mdast-util-to-hast'
import { cjkFriendlyExtension } from 'micromark-extension-cjk-friendly'
import { gfmStrikethroughCjkFriendly } from 'micromark-extension-cjk-friendly-gfm-strikethrough'
import { gfmAutolinkLiteral } from 'micromark-extension-gfm-autolink-literal'
import { gfmTable } from 'micromark-extension-gfm-table'
import { gfmTaskListItem } from 'micromark-extension-gfm-task-list-item'

import { limitDepth } from '../source/depth'
import type { Taken } from '../source/placeholders'
import { separateBlockTags } from '../source/tags'
import { endAutolinks } from './autolinks'
import { markColumns } from './columns'
import { setDirections } from './directions'
import { breakLines } from './lineBreaks'
import { putBack } from './putBack'
import { keepTableSource } from './tableSource'
import { placeTags } from './tags'

const autolinks = gfmAutolinkLiteralFromMarkdown()
const parser = {
  extensions: [
    // One tilde is "about", and a price list is full of it.
    gfmStrikethroughCjkFriendly({ singleTilde: false }),
    cjkFriendlyExtension(),
    gfmAutolinkLiteral(),
    gfmTable(),
    gfmTaskListItem(),
    // Tags of whole blocks would hide the Markdown within from the parser.
    { disable: { null: ['htmlFlow'] } },
  ],
  mdastExtensions: [
    // Without its second search, which goes over text that the parser has read already.
    { ...autolinks, transforms: [] },
    gfmStrikethroughFromMarkdown(),
    gfmTableFromMarkdown(),
    gfmTaskListItemFromMarkdown(),
  ],
}

interface BlockText {
  text: string
  taken: readonly Taken[]
  /** Definitions from elsewhere. */
  definitions: string
  isOpen: boolean
}

export function toTree({ text, taken, definitions, isOpen }: BlockText): Root {
  const source = limitDepth(separateBlockTags(text))
  const markdown: MarkdownRoot = fromMarkdown(definitions === '' ? source : `${source}\n\n${definitions}`, parser)
  endAutolinks(markdown, source)
  breakLines(markdown, taken)
  keepTableSource(markdown, source, taken)
  const tree = toHast(markdown, { allowDangerousHtml: true }) as Root
  placeTags(tree, isOpen)
  putBack(tree, taken)
  markColumns(tree)
  setDirections(tree)
  return tree
}
