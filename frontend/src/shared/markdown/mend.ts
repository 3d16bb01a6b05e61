/** Makes the open end of a growing block look like what it is about to become, so that nothing jumps when it closes. */

const OPEN_LINK = /!?\[([^\]\n]*)(?:\]\([^)\s]*)?$/
const TABLE_ROW = /^\s*\|/
const DELIMITER_ROW = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$/

/** Give the last block of a live text the marks that it still lacks. */
export function mendTail(block: string): string {
  if (/^ {0,3}(?:`{3,}|~{3,})/.test(block)) return block
  if (TABLE_ROW.test(block)) return mendTable(block)
  return closeEmphasis(closeCode(block.replace(OPEN_LINK, (_whole, label: string) => label)))
}

/** A table shows once its head is complete; a half-written row waits. */
function mendTable(block: string): string {
  const lines = block.split('\n')
  const delimiter = lines[1]
  if (delimiter === undefined || !DELIMITER_ROW.test(delimiter)) return ''
  const last = lines.at(-1) ?? ''
  const isHalfRow = lines.length > 2 && last !== '' && !last.trimEnd().endsWith('|')
  return isHalfRow ? lines.slice(0, -1).join('\n') : block
}

function closeCode(text: string): string {
  const ticks = text.match(/`/g)?.length ?? 0
  return ticks % 2 === 1 ? `${text}\`` : text
}

function closeEmphasis(text: string): string {
  const outsideCode = text.replace(/`[^`]*`/g, '')
  const strong = outsideCode.match(/\*\*/g)?.length ?? 0
  if (strong % 2 === 0) return text
  const trimmed = text.replace(/\s+$/, '')
  // "**" alone at the end opens nothing yet.
  return trimmed.endsWith('**') ? trimmed.slice(0, -2).trimEnd() : `${trimmed.replace(/\*$/, '')}**`
}
