/** What has changed between two texts: by words for sentences, by lines for schemas. */

export interface Piece {
  kind: 'same' | 'gone' | 'new'
  text: string
}

/** Beyond this many pairs the whole is shown as replaced: a browser has better to do. */
const MOST_PAIRS = 4_000_000

export function wordDifference(before: string, after: string): Piece[] {
  const split = (text: string) => text.match(/\s+|[\p{L}\p{M}\p{N}_]+|[^\s]/gu) ?? []
  return joined(difference(split(before), split(after)), '')
}

export function lineDifference(before: unknown, after: unknown): Piece[] {
  const lines = (value: unknown) => JSON.stringify(value, null, 2).split('\n')
  return difference(lines(before), lines(after))
}

/** The longest common subsequence of both, with what lies between. */
function difference(before: string[], after: string[]): Piece[] {
  if (before.length * after.length > MOST_PAIRS) return [...before.map(piece('gone')), ...after.map(piece('new'))]
  const lengths = commonLengths(before, after)
  const pieces: Piece[] = []
  let at = 0
  let to = 0
  while (at < before.length && to < after.length) {
    const isSame = before[at] === after[to]
    const isGone = !isSame && lengths[at + 1]![to]! >= lengths[at]![to + 1]!
    if (isSame) pieces.push({ kind: 'same', text: before[at]! })
    else pieces.push(isGone ? { kind: 'gone', text: before[at]! } : { kind: 'new', text: after[to]! })
    if (isSame || isGone) at += 1
    if (!isGone) to += 1
  }
  return [...pieces, ...before.slice(at).map(piece('gone')), ...after.slice(to).map(piece('new'))]
}

const piece = (kind: Piece['kind']) => (text: string): Piece => ({ kind, text })

/** How long the common subsequence of both ends is, from each pair of places on. */
function commonLengths(before: string[], after: string[]): Uint16Array[] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1))
  for (let at = before.length - 1; at >= 0; at -= 1) {
    for (let to = after.length - 1; to >= 0; to -= 1) {
      const isSame = before[at] === after[to]
      lengths[at]![to] = isSame ? lengths[at + 1]![to + 1]! + 1 : Math.max(lengths[at + 1]![to]!, lengths[at]![to + 1]!)
    }
  }
  return lengths
}

/** Neighbours of one kind as one; a space between two changed words is changed with them. */
function joined(pieces: Piece[], between: string): Piece[] {
  const runs: Piece[] = []
  for (const { kind, text } of pieces) {
    const last = runs.at(-1)
    if (last?.kind === kind) last.text += between + text
    else runs.push({ kind, text })
  }
  return runs
}
