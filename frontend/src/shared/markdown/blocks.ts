/** Cuts Markdown into top-level blocks, so that a growing answer only ever re-parses its last one. */

export interface Blocks {
  source: string
  /** Blocks that later text cannot change. */
  closed: readonly string[]
  /** Where in the source the open block begins. */
  openFrom: number
}

export const NO_BLOCKS: Blocks = { source: '', closed: [], openFrom: 0 }

const FENCE = /^ {0,3}(`{3,}|~{3,})/
const MATH_FENCE = /^ {0,3}(\$\$|\\\[)/
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/
const INDENTED = /^(?: {2,}|\t)/
const FOOTNOTE = /^\[\^[^\]]+\]:/m

interface Fence {
  closes: (line: string) => boolean
}

/** Cut `source`; give the previous result back in, and only what was open is looked at again. */
export function cutBlocks(source: string, previous: Blocks = NO_BLOCKS): Blocks {
  // Footnotes point across blocks, so such a text stays in one piece.
  if (FOOTNOTE.test(source)) return { source, closed: [], openFrom: 0 }
  const grows = previous.openFrom > 0 && source.startsWith(previous.source.slice(0, previous.openFrom))
  const cutter = new Cutter(source, grows ? previous : NO_BLOCKS)
  for (let line = cutter.lines.next(); line !== null; line = cutter.lines.next()) cutter.read(line)
  return { source, closed: cutter.closed, openFrom: cutter.openFrom }
}

class Cutter {
  readonly lines: LineReader
  readonly closed: string[]
  openFrom: number
  private readonly source: string
  private fence: Fence | null = null
  private afterBlank = false

  constructor(source: string, previous: Blocks) {
    this.source = source
    this.closed = [...previous.closed]
    this.openFrom = previous.openFrom
    this.lines = new LineReader(source, previous.openFrom)
  }

  read(line: Line): void {
    if (this.fence !== null) {
      if (this.fence.closes(line.text)) this.fence = null
    } else if (line.text.trim() === '') {
      this.afterBlank = true
    } else {
      if (this.afterBlank && line.isWhole) this.cutBefore(line)
      this.afterBlank = false
      this.fence = openingFence(line.text)
    }
  }

  private cutBefore(line: Line): void {
    const block = this.source.slice(this.openFrom, line.start)
    if (continues(block, line.text)) return
    this.closed.push(block.trimEnd())
    this.openFrom = line.start
  }
}

/** All blocks in order; the last one may still grow. */
export function allBlocks(blocks: Blocks): string[] {
  const open = blocks.source.slice(blocks.openFrom)
  return open.trim() === '' ? [...blocks.closed] : [...blocks.closed, open]
}

/** A list goes on over blank lines, with its next item or with an indented line. */
function continues(block: string, line: string): boolean {
  if (!LIST_ITEM.test(block)) return false
  return LIST_ITEM.test(line) || INDENTED.test(line)
}

function openingFence(line: string): Fence | null {
  const code = FENCE.exec(line)
  const marker = code?.[1]
  if (marker !== undefined) {
    return { closes: (text) => isClosing(text, marker) }
  }
  const math = MATH_FENCE.exec(line)?.[1]
  if (math === undefined) return null
  const end = math === '$$' ? '$$' : '\\]'
  const rest = line.trim().slice(2)
  return rest.includes(end) ? null : { closes: (text) => text.includes(end) }
}

function isClosing(line: string, marker: string): boolean {
  const trimmed = line.trim()
  return trimmed.length >= marker.length && trimmed === marker.charAt(0).repeat(trimmed.length)
}

interface Line {
  text: string
  start: number
  /** False for a last line without its line end: it may still become something else. */
  isWhole: boolean
}

class LineReader {
  private readonly source: string
  private position: number

  constructor(source: string, position: number) {
    this.source = source
    this.position = position
  }

  next(): Line | null {
    if (this.position >= this.source.length) return null
    const start = this.position
    const end = this.source.indexOf('\n', start)
    this.position = end === -1 ? this.source.length : end + 1
    return { text: this.source.slice(start, end === -1 ? undefined : end), start, isWhole: end !== -1 }
  }
}
