export interface MarkedText {
  text: string
  isMarked: boolean
}

/** A text in pieces: those that are words which were looked for are marked, whatever their case. */
export function markWords(text: string, q: string): MarkedText[] {
  const words = q.split(/\s/).filter((word) => word !== '')
  if (words.length === 0) return [{ text, isMarked: false }]
  // The longest first: "foot" must not take the beginning of "football".
  const sorted = words.toSorted((a, b) => b.length - a.length).map((word) => word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'))
  const pieces = text.split(new RegExp(`(${sorted.join('|')})`, 'i'))
  return pieces.map((piece, index) => ({ text: piece, isMarked: index % 2 === 1 })).filter((piece) => piece.text !== '')
}
