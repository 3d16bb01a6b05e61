/** Makes the open end of a growing block look like what it is about to become, so that nothing jumps when it closes. */
import { isBlank } from './lines'
import { mendInline } from './mendInline'
import { heldTableLines } from './mendTable'

const PREFIX = /^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*/
/** May become a rule, a heading's underline, a fence, an item, a task, a table, a footnote: nothing is shown before that is known. */
const UNDECIDED = /^(?:[-*+=_~`#>|: \t]+|\d{1,9}[.)]?|\[\^?[\w-]{0,12}\]?:?|\[[ xX]\]\s*)$/
const BLOCK_START = /^[ \t>]*(?:[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|\|)/

/** Give the last block of a live text the marks that it still lacks. */
export function mendTail(block: string, endsInCode = false): string {
  if (endsInCode) return withoutHalfFence(block)
  const lines = block.split('\n')
  lines.splice(lines.length - heldTableLines(lines))
  if (lines.length > 0 && isUndecided(lines.at(-1) ?? '')) lines.pop()
  const from = leafStart(lines)
  const leaf = lines.splice(from).join('\n')
  return [...lines, ...(leaf === '' ? [] : [mendInline(leaf)])].join('\n')
}

/** The beginning of a closing fence is not code. */
function withoutHalfFence(block: string): string {
  return block.replace(/\n[ \t>]*(?:`+|~+)$/, '')
}

function isUndecided(line: string): boolean {
  // What is left of a table is decided.
  if (isBlank(line) || /^[ \t>]*\|/.test(line)) return false
  const prefix = PREFIX.exec(line)?.[0] ?? ''
  const rest = line.slice(prefix.length)
  return rest === '' || UNDECIDED.test(rest)
}

/** Where the paragraph, item or heading begins that the end of the text is in. */
function leafStart(lines: readonly string[]): number {
  let from = lines.length - 1
  while (from > 0 && !BLOCK_START.test(lines[from] ?? '') && !isBlank(lines[from - 1] ?? '')) from -= 1
  return Math.max(0, from)
}
