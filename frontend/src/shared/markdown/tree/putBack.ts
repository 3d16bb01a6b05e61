/** Puts formulas and references to footnotes back into the tree, as elements of their own; within code as the text they were. */
import type { Element, ElementContent, Parents, Properties, Root, Text } from 'hast'

import { restore, splitPlaceholders, type Taken } from '../source/placeholders'
import { replaceChildren } from './replaceChildren'

export function putBack(root: Root, taken: readonly Taken[]): void {
  if (taken.length > 0) visit(root, taken, false)
}

function visit(parent: Parents, taken: readonly Taken[], isCode: boolean): void {
  for (const child of parent.children) if (child.type === 'element') visitElement(child, taken, isCode)
  replaceChildren(parent, (child) => {
    if (child.type !== 'text') return null
    return isCode ? [{ ...child, value: restore(child.value, taken) }] : split(child, taken)
  })
}

function visitElement(element: Element, taken: readonly Taken[], isCode: boolean): void {
  for (const [name, value] of Object.entries(element.properties)) if (typeof value === 'string') element.properties[name] = restore(decoded(value), taken)
  visit(element, taken, isCode || element.tagName === 'code')
}

/** Addresses come percent-encoded. */
const decoded = (value: string): string => value.replace(/%EF%B7%90(\d+)%EF%B7%91/g, '\uFDD0$1\uFDD1')

function split(text: Text, taken: readonly Taken[]): ElementContent[] {
  return splitPlaceholders(text.value, taken).map((piece): ElementContent => {
    if (typeof piece === 'string') return { type: 'text', value: piece }
    return element(piece.kind === 'note' ? 'x-note' : 'x-formula', { ...piece })
  })
}

function element(tagName: string, properties: Properties): Element {
  return { type: 'element', tagName, properties, children: [] }
}
