/** What the beginning of a line says about the block that it is in. */

export const FENCE = /^ {0,3}(?:(`{3,})[^`]*|(~{3,}).*)$/
export const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/
/** May still become the beginning of an item. */
export const HALF_LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)]?)?$/
export const NOTE = /^ {0,3}\[\^([^\]\s]{1,100})\]:[ \t]*/
export const INDENTED = /^(?: {2,}|\t)/
export const DEEPLY_INDENTED = /^(?: {4,}|\t)/
/** Lines of lists, quotes, tables, headings, code: a block with one of them is more than a paragraph. */
const STRUCTURE = /^(?:\s*(?:[|>#<]|[-*+]\s|\d{1,9}[.)]\s|```|~~~|\\\[|\\begin)| {4}|\t)/

export const isBlank = (line: string): boolean => line.trim() === ''
export const isStructure = (line: string): boolean => STRUCTURE.test(line)

/** What opens and closes a stretch of lines that must stay together. */
export interface Enclosure {
  closes: (line: string) => boolean
  /** Blank lines end it too. */
  endsAtBlank?: boolean
}

export function enclosureOf(line: string): Enclosure | null {
  return codeFence(line) ?? formulaFence(line) ?? detailsOf(line)
}

function codeFence(line: string): Enclosure | null {
  const match = FENCE.exec(line)
  const marker = match?.[1] ?? match?.[2]
  return marker === undefined ? null : { closes: (text) => isClosingFence(text, marker) }
}

export function isClosingFence(line: string, marker: string): boolean {
  const trimmed = line.trim()
  return trimmed.length >= marker.length && trimmed === marker.charAt(0).repeat(trimmed.length)
}

const FORMULA_FENCE = /^ {0,3}(?:(\$\$)[ \t]*$|(\\\[)|\\begin\{([a-z]+\*?)\})/

function formulaFence(line: string): Enclosure | null {
  const match = FORMULA_FENCE.exec(line)
  if (match === null) return null
  const end = match[1] !== undefined ? '$$' : match[2] !== undefined ? '\\]' : `\\end{${match[3] ?? ''}}`
  const rest = line.slice(match[0].length)
  return rest.includes(end) ? null : { closes: (text) => text.includes(end) }
}

function detailsOf(line: string): Enclosure | null {
  let depth = detailsDepth(line)
  if (depth <= 0) return null
  return {
    closes: (text) => {
      depth += detailsDepth(text)
      return depth <= 0
    },
  }
}

function detailsDepth(line: string): number {
  if (!line.includes('<')) return 0
  let depth = 0
  for (const [tag] of line.matchAll(/<\/?details(?=[\s>])/gi)) depth += tag.startsWith('</') ? -1 : 1
  return depth
}
