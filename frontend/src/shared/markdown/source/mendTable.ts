/** A table is shown once its head is whole, and then row by whole row. */

const ROW = /^[ \t>]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)?\|/
const DELIMITER_ROW = /^[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/
const HALF_DELIMITER_ROW = /^[ \t>|:-]*$/

/** How many of the last lines are not shown yet. The last of `lines` has no line end. */
export function heldTableLines(lines: readonly string[]): number {
  const first = firstRow(lines)
  const count = lines.length - first
  if (count <= 1) return count
  const delimiter = lines[first + 1] ?? ''
  if (count === 2) return HALF_DELIMITER_ROW.test(delimiter) && !isWholeHead(lines[first] ?? '', delimiter) ? 2 : 0
  // Without a delimiter row these are lines of text that begin with a bar.
  if (!DELIMITER_ROW.test(delimiter)) return 0
  return lines.at(-1) === '' ? 0 : 1
}

/** A last line that is empty belongs to the table before it. */
function firstRow(lines: readonly string[]): number {
  let first = lines.at(-1) === '' ? lines.length - 1 : lines.length
  while (first > 0 && ROW.test(lines[first - 1] ?? '')) first -= 1
  return first === lines.length - 1 && lines.at(-1) === '' ? lines.length : first
}

function isWholeHead(head: string, delimiter: string): boolean {
  return DELIMITER_ROW.test(delimiter) && cells(delimiter) >= cells(head) && /\|[ \t]*$/.test(delimiter)
}

/** Bars of a row that part cells. */
function cells(row: string): number {
  return row.replace(/\\./g, '').split('|').length
}
