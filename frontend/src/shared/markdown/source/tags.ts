/** The few HTML tags that a text may have; all others are shown as they are written. Attributes are dropped. */

/** Within a line. */
export const INLINE_TAGS = new Set(['b', 'br', 'code', 'del', 'em', 'i', 'ins', 'kbd', 'mark', 's', 'small', 'strong', 'sub', 'sup', 'u'])
/** Around blocks. */
export const BLOCK_TAGS = new Set(['details', 'summary'])
export const VOID_TAGS = new Set(['br'])

export const isAllowed = (name: string): boolean => INLINE_TAGS.has(name) || BLOCK_TAGS.has(name)

export interface Tag {
  name: string
  kind: 'open' | 'close' | 'void'
  isOpened: boolean
}

const TAG = /^<(\/?)([a-zA-Z]{1,10})((?:\s[^<>]*)?)(\/?)>$/

export function readTag(text: string): Tag | null {
  const match = TAG.exec(text.trim())
  const name = match?.[2]?.toLowerCase()
  if (match === null || name === undefined || !isAllowed(name)) return null
  if (VOID_TAGS.has(name)) return { name, kind: 'void', isOpened: false }
  return { name, kind: match[1] === '/' ? 'close' : 'open', isOpened: /(?:^|\s)open(?:[\s=/]|$)/i.test(match[3] ?? '') }
}

/** Whether `<…` may still become one of these tags. */
export function isHalfTag(text: string): boolean {
  const match = /^<\/?([a-zA-Z]+)(\s|$)/.exec(text)
  const name = match?.[1]?.toLowerCase()
  if (name === undefined) return false
  if (match?.[2] !== '') return isAllowed(name)
  return [...INLINE_TAGS, ...BLOCK_TAGS].some((tag) => tag.startsWith(name))
}

const PREFIX = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?/
const DETAILS = /[ \t]*(<details(?:\s[^<>]{0,200})?>|<\/details>)[ \t]*/gi
const SUMMARY_END = /(<\/summary>)[ \t]*/gi

/** Tags around blocks get lines of their own, so that what is between them is Markdown. */
export function separateBlockTags(source: string): string {
  if (!/<(?:details|summary)/i.test(source)) return source
  return source.split('\n').map(separateLine).join('\n')
}

function separateLine(line: string): string {
  if (!line.includes('<') || /^[ \t]*[|>]/.test(line)) return line
  const prefix = PREFIX.exec(line)?.[0] ?? ''
  const gap = `\n\n${' '.repeat(prefix.length)}`
  const content = line.slice(prefix.length).replace(DETAILS, `${gap}$1${gap}`).replace(SUMMARY_END, `$1${gap}`)
  // After the mark of an item it is the first thing in it; elsewhere the line before it must have ended.
  return prefix.trim() === '' ? content.replace(/^\n\n/, '\n') : prefix + content.replace(/^\n\n[ \t]*/, '')
}
