/** Bare addresses end at the punctuation of Chinese, Japanese and Korean texts, which need no space before it. */
import type { Link, Nodes, Parents, PhrasingContent, Root } from 'mdast'

import { replaceChildren } from './replaceChildren'

const STOP = /[\u2018\u2019\u201C\u201D\u2026\u3001-\u3003\u3008-\u3011\u3014-\u301B\uFF01\uFF08\uFF09\uFF0C\uFF1A\uFF1B\uFF1F\uFF3B\uFF3D\uFF5B\uFF5D\uFF61-\uFF64\uFDD0]/
const ADDRESS = /https?:\/\/[^\s<>]+/

export function endAutolinks(root: Root, source: string): void {
  visit(root, source)
}

function visit(parent: Parents, source: string): void {
  replaceChildren(parent, (child) => (isBare(child, source) ? cut(child) : null))
  for (const child of parent.children) if ('children' in child) visit(child, source)
}

/** Written neither in brackets nor in angles. */
function isBare(node: Nodes, source: string): node is Link {
  if (node.type !== 'link' || node.children.length !== 1 || node.children[0]?.type !== 'text') return false
  const first = source[node.position?.start.offset ?? 0]
  return first !== '[' && first !== '<' && STOP.test(node.children[0].value)
}

function cut(link: Link): PhrasingContent[] {
  const text = link.children[0]?.type === 'text' ? link.children[0].value : ''
  const protocol = link.url.startsWith(text.slice(0, 7)) ? '' : link.url.slice(0, link.url.length - text.length)
  return linkify(text, (address) => (protocol === '' || !text.startsWith(address) ? address : protocol + address))
}

function linkify(text: string, urlOf: (address: string) => string): PhrasingContent[] {
  const result: PhrasingContent[] = []
  let rest = text
  let isFirst = true
  while (rest !== '') {
    const start = isFirst ? 0 : rest.search(ADDRESS)
    isFirst = false
    if (start === -1) break
    if (start > 0) result.push({ type: 'text', value: rest.slice(0, start) })
    const address = trimEnd(beforeStop(rest.slice(start)))
    result.push({ type: 'link', url: urlOf(address), title: null, children: [{ type: 'text', value: address }] })
    rest = rest.slice(start + address.length)
  }
  return rest === '' ? result : [...result, { type: 'text', value: rest }]
}

function beforeStop(address: string): string {
  const at = address.search(STOP)
  return at === -1 ? address : address.slice(0, at)
}

/** As with spaces: no punctuation at the end, and no bracket that was opened before the address. */
function trimEnd(address: string): string {
  let end = address.replace(/[!"'*,.:;<?_~]+$/, '')
  while (end.endsWith(')') && end.split(')').length > end.split('(').length) end = end.slice(0, -1)
  return end
}
