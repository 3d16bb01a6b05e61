/** Which stretches of a text are formulas. A dollar is money, a variable of a shell, or a delimiter; the words around it tell. */

/** Longer is no formula, but a delimiter that was never closed. */
export const LONGEST_FORMULA = 4_000

const ENVIRONMENTS = new Set(
  'align align* aligned alignat alignat* array Bmatrix bmatrix cases CD darray dcases equation equation* gather gather* gathered matrix pmatrix rcases smallmatrix split subarray Vmatrix vmatrix'.split(' '),
)
const FUNCTIONS = /\b(?:sin|cos|tan|log|exp|lim|min|max|mod|gcd|det|dim)\b/g

const TWO_WORDS = /\p{L}\p{L}[,;:]?\s+\p{L}|\p{L}\s+\p{L}{2}|[,;]\s+\p{L}{2}|\*\*/u

export const isEnvironment = (name: string): boolean => ENVIRONMENTS.has(name)

/** True for words: two of them in a row and nothing that only formulas have. */
export function isProse(content: string): boolean {
  if (/[\\^_={}]/.test(content)) return false
  const words = content.replace(FUNCTIONS, '')
  return TWO_WORDS.test(words) || (/^\d/.test(words) && /\s\p{L}{2}/u.test(words))
}

/** The rule of Pandoc: no space inside the dollars, no digit after the second; and no word right outside of them. */
export function isSingleDollarFormula(before: string, content: string, after: string): boolean {
  if (content === '' || /^\s|[\s\\]$/.test(content) || content.includes('\n')) return false
  if (/[\w$\\]/.test(before) || /[\w${(]/.test(after)) return false
  return !isProse(content)
}

/** True while what follows a dollar may still become a formula. */
export function mayBecomeFormula(before: string, content: string): boolean {
  if (/[\w$\\]/.test(before) || content.length > 120) return false
  return !/^(?:[\s\d]|[A-Z_]{2,}|[a-z]+\/)/.test(content) && !content.includes('\n') && !isProse(content)
}
