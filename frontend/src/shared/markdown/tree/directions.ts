/** Every paragraph, heading, item and cell runs in the direction of its own words; a list or table in that of its first ones. */
import type { Element, Nodes, Root } from 'hast'

const BY_ITSELF = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'td', 'th', 'summary'])
/** Their marks stand at the side where their words begin, and "auto" does not look into paragraphs. */
const AS_A_WHOLE = new Set(['li', 'ul', 'ol', 'table', 'blockquote', 'details'])
const STRONG = /[\p{L}]/u
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}]/u

export function setDirections(root: Root): void {
  for (const child of root.children) if (child.type === 'element') visit(child)
}

function visit(element: Element): void {
  if (element.tagName === 'pre') return
  if (BY_ITSELF.has(element.tagName)) element.properties.dir = 'auto'
  else if (AS_A_WHOLE.has(element.tagName)) setWhole(element)
  else if (element.tagName === 'code' || element.tagName === 'kbd') element.properties.dir = 'ltr'
  for (const child of element.children) if (child.type === 'element') visit(child)
}

function setWhole(element: Element): void {
  const letter = firstLetter(element)
  if (letter !== undefined) element.properties.dir = RIGHT_TO_LEFT.test(letter) ? 'rtl' : 'ltr'
}

function firstLetter(node: Nodes): string | undefined {
  if (node.type === 'text') return STRONG.exec(node.value)?.[0]
  if (node.type !== 'element' || node.tagName === 'code' || node.tagName === 'pre') return undefined
  for (const child of node.children) {
    const letter = firstLetter(child)
    if (letter !== undefined) return letter
  }
  return undefined
}
