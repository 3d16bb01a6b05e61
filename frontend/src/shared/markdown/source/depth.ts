/** Limits how deep quotes and lists nest: nobody reads more, and every level costs the stack of whoever walks the tree. */

const DEEPEST = 24
const MARKS = new RegExp(String.raw`^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))){${String(DEEPEST)}}`)
const DEEP_INDENT = /^[ \t]{100,}/

export function limitDepth(source: string): string {
  if (source.length < DEEPEST * 2) return source
  return source.split('\n').map(limitLine).join('\n')
}

function limitLine(line: string): string {
  const marks = MARKS.exec(line)?.[0]
  if (marks !== undefined) return `${marks} ${line.slice(marks.length).replace(/^[ \t>]+/, '').replace(/^[-*+]|^(\d{1,9})(?=[.)])/, '$1\\$&').replace(/^(\d+)\\\1/, '$1\\')}`
  return line.replace(DEEP_INDENT, (indent) => indent.slice(0, 100))
}
