/** Cuts Markdown into top-level blocks as it grows. A closed block is never looked at again. */
import { DEEPLY_INDENTED, enclosureOf, HALF_LIST_ITEM, INDENTED, isBlank, isStructure, LIST_ITEM, NOTE, type Enclosure } from './lines'
import { References, type Block } from './references'

/** Paragraphs and lists longer than this are cut in pieces, so that no parser ever has to hold a huge one. */
const LONG = 8_000
const LONGEST = 9_000
/** So much at both ends tells a text that goes on from another one. */
const END = 256

/** Reads a text that only grows; another text makes it begin again. Reading the same twice changes nothing. */
export class BlockReader {
  closed: Block[] = []
  references = new References()
  private source = ''
  private starts: number[] = []
  /** Where the open block, its unfinished line, and the search for the end of that line begin. */
  private openFrom = 0
  private lineFrom = 0
  private searchFrom = 0
  private enclosure: Enclosure | null = null
  private afterBlank = false
  private isList = false
  private isProse = true

  /** While it `isGrowing` only its ends are compared: to compare all of it each time would cost the square of its length. */
  read(text: string, isGrowing = false): this {
    if (text === this.source) return this
    if (!this.hasSameEnds(text) || (!isGrowing && this.isOutdated(text))) this.reset()
    this.source = text
    for (let end = text.indexOf('\n', this.searchFrom); end !== -1; end = text.indexOf('\n', this.lineFrom)) {
      this.readLine(text.slice(this.lineFrom, end), end)
      this.lineFrom = this.searchFrom = end + 1
    }
    this.searchFrom = text.length
    this.readUnfinished(text.slice(this.lineFrom, this.lineFrom + 120))
    return this
  }

  /** The block that may still grow, or null between two blocks. */
  get open(): Block | null {
    const source = this.source.slice(this.openFrom)
    return isBlank(source) ? null : asBlock(source)
  }

  private hasSameEnds(text: string): boolean {
    const { length } = this.source
    const tail = Math.max(0, length - END)
    return text.length >= length && text.startsWith(this.source.slice(0, END)) && text.startsWith(this.source.slice(tail), tail)
  }

  private isOutdated(text: string): boolean {
    return this.closed.some(({ source }, index) => !text.startsWith(source, this.starts[index])) || !text.startsWith(this.source.slice(this.openFrom), this.openFrom)
  }

  private reset(): void {
    this.closed = []
    this.starts = []
    this.references = new References()
    this.openFrom = this.lineFrom = this.searchFrom = 0
    this.enclosure = null
    this.afterBlank = this.isList = false
    this.isProse = true
  }

  private readLine(line: string, end: number): void {
    if (this.enclosure !== null) {
      if (this.enclosure.closes(line)) this.enclosure = null
      return
    }
    if (isBlank(line)) {
      this.afterBlank = true
      return
    }
    if (this.cutsBefore(line)) this.cut(this.lineFrom)
    this.afterBlank = false
    if (LIST_ITEM.test(line)) this.isList = true
    // What is indented within a list ends with the list at the latest.
    if (!(this.isList && INDENTED.test(line))) this.enclosure = enclosureOf(line)
    if (isStructure(line) || this.enclosure !== null) this.isProse = false
    this.cutLongProse(end)
    this.references.readLine(line)
  }

  /** The beginning of a line decides, long before its end comes. */
  private readUnfinished(start: string): void {
    if (this.enclosure !== null || isBlank(start) || HALF_LIST_ITEM.test(start)) return
    if (this.cutsBefore(start)) {
      this.cut(this.lineFrom)
      this.afterBlank = false
    }
    if (!isStructure(start)) this.cutLongProse(this.source.length)
  }

  private cutsBefore(line: string): boolean {
    if (NOTE.test(line)) return this.openFrom < this.lineFrom
    if (!this.afterBlank) return this.isList && this.lineFrom - this.openFrom > LONG && isLaterItem(line)
    if (DEEPLY_INDENTED.test(line)) return false
    return !(this.isList && (LIST_ITEM.test(line) || INDENTED.test(line)))
  }

  private cut(at: number): void {
    const source = this.source.slice(this.openFrom, at)
    if (!isBlank(source)) {
      const block = asBlock(source.trimEnd())
      this.closed.push(block)
      this.starts.push(this.openFrom)
      this.references.add(block)
    }
    this.openFrom = at
    this.isList = false
    this.isProse = true
  }

  private cutLongProse(end: number): void {
    while (this.isProse && end - this.openFrom >= LONGEST) {
      const window = this.source.slice(this.openFrom + LONG, this.openFrom + LONGEST)
      const line = window.indexOf('\n')
      const space = line === -1 ? window.search(/\s/) : line
      const at = this.openFrom + (space === -1 ? LONGEST - (endsInHighSurrogate(window) ? 1 : 0) : LONG + space + 1)
      this.cut(at)
      this.lineFrom = Math.max(this.lineFrom, at)
    }
  }
}

/** An item that keeps its number when a new list begins with it. */
const isLaterItem = (line: string): boolean => /^(?:[-*+]|(?!1[.)])\d{1,9}[.)])\s/.test(line)

const endsInHighSurrogate = (text: string): boolean => /[\uD800-\uDBFF]$/.test(text)

function asBlock(source: string): Block {
  return { source, note: NOTE.exec(source)?.[1]?.toLowerCase() ?? null, definitions: '', noteLabels: [] }
}

/** All blocks of a whole text. */
export function cutBlocks(text: string): Block[] {
  const reader = new BlockReader().read(text)
  return reader.open === null ? reader.closed : [...reader.closed, reader.open]
}
