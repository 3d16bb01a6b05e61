/** Tables remember how they were written, so that they can be copied as that. */
import type { Parents, Root } from 'mdast'

import { restore, type Taken } from '../source/placeholders'

export function keepTableSource(root: Root, source: string, taken: readonly Taken[]): void {
  visit(root, source, taken)
}

function visit(parent: Parents, source: string, taken: readonly Taken[]): void {
  for (const child of parent.children) {
    if (child.type === 'table') {
      const { start, end } = child.position ?? {}
      const written = source.slice(start?.offset, end?.offset).replace(/\n[ \t>]+/g, '\n')
      child.data = { ...child.data, hProperties: { dataMarkdown: restore(written, taken) } }
    } else if ('children' in child) visit(child, source, taken)
  }
}
