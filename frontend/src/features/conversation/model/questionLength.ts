/** How long a question may be. The server counts characters, an emoji as one; the browser counts it as two. */
export const LONGEST_QUESTION = 200_000

/** By how many characters a text is too long; 0: it is not. */
export function excessOf(text: string): number {
  if (text.length <= LONGEST_QUESTION) return 0
  return Math.max(0, charactersIn(text) - LONGEST_QUESTION)
}

function charactersIn(text: string): number {
  let pairs = 0
  for (let at = 0; at < text.length; at += 1) {
    if ((text.codePointAt(at) ?? 0) <= 0xff_ff) continue
    pairs += 1
    at += 1
  }
  return text.length - pairs
}
