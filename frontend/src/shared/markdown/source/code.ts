/** A block that is one fenced block of code and nothing else. */
import { isClosingFence } from './lines'

const OPENING = /^( {0,3})(`{3,}(?=[^`\n]*(?:\n|$))|~{3,})([^\n]*)(?:\n|$)/

export interface SoleCode {
  code: string
  language: string
  isClosed: boolean
}

export function soleCode(source: string, isOpen: boolean): SoleCode | null {
  const opening = OPENING.exec(source)
  // While its first line is not whole, its language is half.
  if (opening === null || (isOpen && !opening[0].endsWith('\n'))) return null
  const [head, indent = '', marker = '', info = ''] = opening
  const body = source.slice(head.length)
  const end = closingFence(body, marker)
  if (end === null) return { code: withoutIndent(unclosed(body, isOpen), indent), language: languageOf(info), isClosed: false }
  if (body.slice(end.to).trim() !== '') return null
  const code = body.slice(0, Math.max(0, end.from - 1))
  return { code: withoutIndent(code, indent), language: languageOf(info), isClosed: true }
}

const languageOf = (info: string): string => info.trim().split(/\s/)[0] ?? ''

function closingFence(body: string, marker: string): { from: number; to: number } | null {
  for (let at = body.indexOf(marker); at !== -1; ) {
    const from = body.lastIndexOf('\n', at) + 1
    const end = body.indexOf('\n', at)
    const to = end === -1 ? body.length : end
    if (isClosingFence(body.slice(from, to), marker)) return { from, to }
    at = body.indexOf(marker, to)
  }
  return null
}

/** What may become the closing fence is not code yet. */
function unclosed(body: string, isOpen: boolean): string {
  return (isOpen ? body.replace(/(?:^|\n) *(?:`+|~+)$/, '') : body).replace(/\n$/, '')
}

/** Code loses as much indentation as its fence has. */
function withoutIndent(code: string, indent: string): string {
  return indent === '' ? code : code.replace(new RegExp(`^ {1,${String(indent.length)}}`, 'gm'), '')
}
