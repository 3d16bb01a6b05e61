/** A line break of the text is a line break on the screen, as people and models mean it. */
import type { Parents, PhrasingContent, Root, Text } from 'mdast'

import type { Taken } from '../source/placeholders'
import { replaceChildren } from './replaceChildren'

export function breakLines(root: Root, taken: readonly Taken[]): void {
  visit(root, taken)
}

function visit(parent: Parents, taken: readonly Taken[]): void {
  replaceChildren(parent, (child) => (child.type === 'text' && child.value.includes('\n') ? split(child, taken) : null))
  for (const child of parent.children) if ('children' in child) visit(child, taken)
}

function split(text: Text, taken: readonly Taken[]): PhrasingContent[] {
  const lines = text.value.split('\n')
  return lines.flatMap((value, index): PhrasingContent[] => {
    const line: PhrasingContent[] = value === '' ? [] : [{ type: 'text', value }]
    // A formula that is set as a block breaks the line by itself.
    const needsNone = index === 0 || isDisplay(/\uFDD0(\d+)\uFDD1\s*$/.exec(lines[index - 1] ?? ''), taken) || isDisplay(/^\s*\uFDD0(\d+)\uFDD1/.exec(value), taken)
    return needsNone ? line : [{ type: 'break' }, ...line]
  })
}

function isDisplay(match: RegExpExecArray | null, taken: readonly Taken[]): boolean {
  const item = match === null ? undefined : taken[Number(match[1])]
  return item?.kind === 'formula' && item.isDisplay
}
