/** What has changed between two texts: by words for sentences, by lines for schemas. */

export interface Piece {
  kind: 'same' | 'gone' | 'new'
  text: string
}

/** Beyond this many pairs the whole is shown as replaced: a browser has better to do. */
const MOST_PAIRS = 4_000_000

/** What a model reads and nobody would see: control characters, tags, marks of direction, selectors. Joiners belong to words. */
const UNSEEN = /(?![\n\t\u200c\u200d\ufe0f])[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0\ufe00-\ufe0e\u{e0100}-\u{e01ef}]/gu

/** The same with a name in the place of each character that has no shape. */
export const seen = (text: string) => text.replace(UNSEEN, (unseen) => `⟨U+${unseen.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`)

export function wordDifference(before: string, after: string): Piece[] {
  const split = (text: string) => seen(text).match(/\s+|[\p{L}\p{M}\p{N}_]+|[^\s]/gu) ?? []
  return joined(difference(split(before), split(after)), '')
}

export function lineDifference(before: unknown, after: unknown): Piece[] {
  const lines = (value: unknown) => seen(JSON.stringify(value, null, 2)).split('\n')
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
