/** A rehype plugin: columns of numbers are set to the right, and their cells never wrap. */
import type { Element, ElementContent, Root } from 'hast'

const NUMBER = /^[~≈<>≤≥±+−-]?\s*(?:[$€£¥]|R\$|USD|EUR|BRL)?\s*[+−-]?\d[\d.,'\u00a0\u202f ]*(?:\s*(?:%|‰|[€£¥$]|[A-Za-zµ°²³/·]{1,6}))?$/
const CLOCK = /^\d{1,2}:\d{2}(?::\d{2})?$/
const EMPTY = /^[-–—]?$/

export function isNumeric(text: string): boolean {
  const trimmed = text.trim()
  return NUMBER.test(trimmed) || CLOCK.test(trimmed)
}

export function numericColumns() {
  return (tree: Root): void => {
    visitTables(tree.children as ElementContent[])
  }
}

function visitTables(nodes: readonly ElementContent[]): void {
  for (const node of nodes) {
    if (node.type !== 'element') continue
    if (node.tagName === 'table') markTable(node)
    else visitTables(node.children)
  }
}

function markTable(table: Element): void {
  const rows = rowsOf(table)
  const body = rows.filter((row) => row.some((cell) => cell.tagName === 'td'))
  const width = Math.max(0, ...rows.map((row) => row.length))
  for (let column = 0; column < width; column += 1) {
    const texts = body.map((row) => textOf(row[column])).filter((text) => !EMPTY.test(text.trim()))
    if (texts.length > 0 && texts.every(isNumeric)) for (const row of rows) markCell(row[column])
  }
}

function markCell(cell: Element | undefined): void {
  if (cell === undefined) return
  cell.properties.className = ['numeric']
}

function rowsOf(node: Element): Element[][] {
  return elements(node).flatMap((child) => (child.tagName === 'tr' ? [elements(child)] : rowsOf(child)))
}

function elements(node: Element): Element[] {
  return node.children.filter((child): child is Element => child.type === 'element')
}

function textOf(node: ElementContent | undefined): string {
  if (node === undefined) return ''
  if (node.type === 'text') return node.value
  return node.type === 'element' ? node.children.map(textOf).join('') : ''
}
