/** What the columns of a table hold: numbers stand to the right, short words never wrap, long texts get room. */
import type { Element, ElementContent, Root } from 'hast'

const NUMBER = /^[~≈<>≤≥±+−-]?\s*(?:[$€£¥]|R\$|USD|EUR|BRL)?\s*[+−-]?\d[\d.,'\u00a0\u202f ]*(?:\s*(?:%|‰|[€£¥$]|[A-Za-zµ°²³/·]{1,6}))?$/
const CLOCK = /^\d{1,2}:\d{2}(?::\d{2})?$/
const EMPTY = /^[-–—]?$/

const LONGEST_NUMBER = 40
/** A cell up to this long never wraps. */
const SHORT = 24

export function isNumeric(text: string): boolean {
  const trimmed = text.trim()
  return trimmed.length <= LONGEST_NUMBER && (NUMBER.test(trimmed) || CLOCK.test(trimmed))
}

export function markColumns(root: Root): void {
  visitTables(root.children as ElementContent[])
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
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0)
  for (let column = 0; column < width; column += 1) {
    const kind = kindOf(body.map((row) => textOf(row[column]).trim()))
    for (const row of rows) markCell(row[column], kind)
  }
}

type ColumnKind = 'numeric' | 'short' | 'long'

function kindOf(texts: readonly string[]): ColumnKind {
  const filled = texts.filter((text) => !EMPTY.test(text))
  if (filled.length > 0 && filled.every(isNumeric)) return 'numeric'
  return filled.every((text) => text.length <= SHORT) ? 'short' : 'long'
}

function markCell(cell: Element | undefined, kind: ColumnKind): void {
  if (cell === undefined) return
  const isHead = cell.tagName === 'th'
  const isWordy = isHead && kind !== 'long' && textOf(cell).length > SHORT
  cell.properties.className = isWordy ? [kind, 'wordy'] : [kind]
}

/** The words of all cells, row by row. */
export function cellsOf(table: Element): string[][] {
  return rowsOf(table).map((row) => row.map((cell) => textOf(cell).trim()))
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
  if (node.type !== 'element') return ''
  if (node.tagName === 'br') return ' '
  // Formulas and notes are written as they were.
  if (typeof node.properties.raw === 'string') return node.properties.raw
  return node.children.map(textOf).join('')
}
