/** What a chat is called until the server has named it: the first line of its question. */
const LONGEST = 60

/** Cut at a word; null where the question has no words. */
export function titleOf(question: string): string | null {
  const line = question.split('\n').find((text) => /[\p{L}\p{N}]/u.test(text))
  if (line === undefined) return null
  const text = line.replace(/\s+/g, ' ').trim()
  if (text.length <= LONGEST) return text
  const cut = text.slice(0, LONGEST - 1)
  const space = cut.lastIndexOf(' ')
  return `${(space < LONGEST / 2 ? cut : cut.slice(0, space)).trimEnd()}…`
}
