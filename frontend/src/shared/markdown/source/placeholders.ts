/** What the Markdown parser must not see is taken out of a text and stands there as a placeholder of noncharacters. */

export type Taken =
  | { kind: 'formula'; raw: string; tex: string; isDisplay: boolean }
  | { kind: 'note'; raw: string; label: string }

const OPEN = '\uFDD0'
const CLOSE = '\uFDD1'
const PLACEHOLDER = /\uFDD0(\d+)\uFDD1/g
const RESERVED = /[\uFDD0\uFDD1\0]/g

/** One kind of line end, and none of the characters that placeholders are made of. */
export function normalizeText(text: string): string {
  const lines = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
  return lines.replace(RESERVED, '\uFFFD')
}

export const placeholder = (index: number): string => `${OPEN}${String(index)}${CLOSE}`

/** The text and the taken things in it, in their order. */
export function splitPlaceholders(text: string, taken: readonly Taken[]): (string | Taken)[] {
  if (!text.includes(OPEN)) return [text]
  return text.split(PLACEHOLDER).flatMap((piece, index): (string | Taken)[] => {
    if (index % 2 === 0) return piece === '' ? [] : [piece]
    const item = taken[Number(piece)]
    return item === undefined ? [] : [item]
  })
}

/** The text as it was written. */
export function restore(text: string, taken: readonly Taken[]): string {
  if (!text.includes(OPEN)) return text
  return splitPlaceholders(text, taken)
    .map((piece) => (typeof piece === 'string' ? piece : piece.raw))
    .join('')
}
