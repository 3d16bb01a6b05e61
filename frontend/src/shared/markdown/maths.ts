/** Finds formulas, and writes every customary form of them in the one that the parser reads ($$ … $$). */

const CODE = /(^ {0,3}(`{3,}|~{3,})[\s\S]*?(?:^ {0,3}\2|$(?![\s\S]))|`[^`\n]*`)/m
const BRACKETS = /\\\[([\s\S]+?)\\\]/g
/** A formula alone on its line is a block, however it was written. */
const ALONE = /^[ \t]*\$\$[ \t]*(\S.*?)[ \t]*\$\$[ \t]*$/gm
const PARENTHESES = /\\\(([\s\S]+?)\\\)/g
// As Pandoc has it: no space inside the dollars, no digit after the second. "$5 and $10" is money.
const SINGLE_DOLLARS = /(?<![\\$\w])\$(?![\s$])([^$\n]*?[^\s\\$])\$(?![\d$])/g

/** True when there may be a formula, so that the parser for them is worth loading. */
export function hasMaths(text: string): boolean {
  return outsideCode(text, unify) !== text || /\$\$[\s\S]+\$\$/.test(text)
}

export function unifyMaths(text: string): string {
  return outsideCode(text, unify)
}

function unify(text: string): string {
  return text
    .replace(BRACKETS, (_whole, formula: string) => `\n$$\n${formula.trim()}\n$$\n`)
    .replace(PARENTHESES, (_whole, formula: string) => `$$${formula.trim()}$$`)
    .replace(ALONE, (_whole, formula: string) => `$$\n${formula}\n$$`)
    .replace(SINGLE_DOLLARS, (_whole, formula: string) => `$$${formula}$$`)
}

function outsideCode(text: string, change: (text: string) => string): string {
  let rest = text
  let result = ''
  for (let match = CODE.exec(rest); match !== null; match = CODE.exec(rest)) {
    result += change(rest.slice(0, match.index)) + match[0]
    rest = rest.slice(match.index + match[0].length)
    if (match[0] === '') break
  }
  return result + change(rest)
}
