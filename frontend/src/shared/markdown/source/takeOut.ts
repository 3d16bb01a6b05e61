/** Takes formulas and references to footnotes out of a block, so that Markdown never reads them; code stays as it is. */
import { Finder } from './finder'
import { isClosingFence } from './lines'
import { isEnvironment, isProse, isSingleDollarFormula, LONGEST_FORMULA, mayBecomeFormula } from './maths'
import { placeholder, type Taken } from './placeholders'

const TOKEN = new RegExp(
  [
    String.raw`^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?<fence>\`{3,}(?=[^\`\n]*$)|~{3,})[^\n]*`,
    String.raw`\\begin\{(?<environment>[a-zA-Z]{1,20}\*?)\}`,
    String.raw`\\(?<bracket>[(\[])`,
    String.raw`\\[^\n]`,
    '(?<ticks>`+)',
    String.raw`(?<dollars>\$+)`,
    String.raw`\[\^(?<note>[^\]\s\[]{1,100})\]`,
    String.raw`https?:\/\/[^\s<>\`$，。；：！？、）】》」]+`,
  ].join('|'),
  'gm',
)

interface Options {
  /** More may come: an unfinished formula is held back. */
  isOpen: boolean
  isNote: (label: string) => boolean
}

export interface TakenOut {
  text: string
  taken: Taken[]
  /** The text ends within a block of code. */
  endsInCode: boolean
}

export function takeOut(source: string, options: Options): TakenOut {
  // Most blocks hold nothing of the kind.
  if (!/[$\\`~]|\[\^/.test(source)) return { text: source, taken: [], endsInCode: false }
  return new TakingOut(source, options).run()
}

/** The footnotes that a block points to, in their order. */
export function noteLabels(source: string): string[] {
  if (!source.includes('[^')) return []
  const { taken } = takeOut(source, { isOpen: false, isNote: () => true })
  return taken.flatMap((item) => (item.kind === 'note' ? [item.label] : []))
}

class TakingOut {
  private readonly source: string
  private readonly options: Options
  private readonly finder: Finder
  private readonly taken: Taken[] = []
  private text = ''
  /** What is before this is in `text` already. */
  private done = 0
  private endsInCode = false
  private heldFrom: number | null = null

  constructor(source: string, options: Options) {
    this.source = source
    this.options = options
    this.finder = new Finder(source)
  }

  run(): TakenOut {
    for (let match = this.next(0); match !== null; match = this.next(this.read(match)));
    this.text += this.source.slice(this.done, this.heldFrom ?? undefined)
    return { text: this.text, taken: this.taken, endsInCode: this.endsInCode }
  }

  private next(from: number): RegExpExecArray | null {
    if (this.heldFrom !== null) return null
    TOKEN.lastIndex = from
    return TOKEN.exec(this.source)
  }

  /** Handles a token, and says where to go on. */
  private read(match: RegExpExecArray): number {
    const { fence, environment, bracket, ticks, dollars, note } = match.groups ?? {}
    const end = match.index + match[0].length
    if (fence !== undefined) return this.skipFence(match.index, end, fence)
    if (ticks !== undefined) return this.skipCode(end, ticks.length)
    if (note !== undefined) return this.takeNote(match, note.toLowerCase())
    if (environment !== undefined) return isEnvironment(environment) ? this.takeFormula(match.index, end, `\\end{${environment}}`, true) : end
    if (bracket !== undefined) return this.takeFormula(match.index, end, bracket === '(' ? '\\)' : '\\]', bracket === '[')
    return this.readDollars(match.index, end, dollars ?? '')
  }

  private readDollars(start: number, end: number, dollars: string): number {
    if (dollars === '$$') return this.takeFormula(start, end, '$$', this.isAlone(start, end))
    return dollars === '$' ? this.takeSingle(start) : end
  }

  private skipFence(start: number, end: number, marker: string): number {
    if (end === this.source.length && this.options.isOpen) {
      this.heldFrom = start
      return end
    }
    let from = end + 1
    while (from < this.source.length) {
      const lineEnd = this.source.indexOf('\n', from)
      const stop = lineEnd === -1 ? this.source.length : lineEnd
      if (isClosingFence(this.source.slice(from, stop).replace(/^[ \t>]+/, ''), marker)) return stop
      from = stop + 1
    }
    this.endsInCode = true
    return this.source.length
  }

  private skipCode(end: number, length: number): number {
    const close = this.finder.findTicks(length, end)
    return close === -1 ? end : close + length
  }

  private takeNote(match: RegExpExecArray, label: string): number {
    const end = match.index + match[0].length
    const isDefinition = this.source[end] === ':' && /(?:^|\n) {0,3}$/.test(this.source.slice(Math.max(0, match.index - 4), match.index))
    if (isDefinition || !this.options.isNote(label)) return end
    return this.take(match.index, end, { kind: 'note', raw: match[0], label })
  }

  private takeFormula(start: number, from: number, closer: string, isDisplay: boolean): number {
    const close = this.finder.find(closer, from)
    const mayCrossBlank = isDisplay && /^[ \t]*\n/.test(this.source.slice(from, from + 100))
    const limit = Math.min(from + LONGEST_FORMULA, mayCrossBlank ? Infinity : this.finder.paragraphEnd(from))
    if (close === -1 || close > limit) return this.hold(start, from, limit)
    const end = close + closer.length
    const content = this.source.slice(from, close)
    if (content.trim() === '' || isProse(content)) return from
    const isEnvironmentFormula = closer.startsWith('\\end')
    return this.take(start, end, {
      kind: 'formula',
      raw: this.source.slice(start, end),
      tex: withoutQuoteMarks(this.source.slice(isEnvironmentFormula ? start : from, isEnvironmentFormula ? end : close)),
      isDisplay,
    })
  }

  private takeSingle(start: number): number {
    const from = start + 1
    const before = this.source[start - 1] ?? ''
    const close = this.finder.find('$', from)
    const content = this.source.slice(from, close === -1 ? undefined : Math.min(close, from + LONGEST_FORMULA))
    if (close === -1) {
      if (this.options.isOpen && mayBecomeFormula(before, content)) this.heldFrom = start
      return from
    }
    const after = this.source[close + 1] ?? ''
    if (close - from >= LONGEST_FORMULA || !isSingleDollarFormula(before, content, after)) return from
    return this.take(start, close + 1, { kind: 'formula', raw: this.source.slice(start, close + 1), tex: content, isDisplay: false })
  }

  /** Without its end: waits for it where it may still come. */
  private hold(start: number, from: number, limit: number): number {
    const isAwaited = this.options.isOpen && limit >= this.source.length
    if (isAwaited && !isProse(this.source.slice(from, limit))) this.heldFrom = start
    return from
  }

  private take(start: number, end: number, item: Taken): number {
    this.text += this.source.slice(this.done, start) + placeholder(this.taken.length)
    this.taken.push(item)
    this.done = end
    return end
  }

  /** A formula with nothing else on its lines is set as a block. */
  private isAlone(start: number, from: number): boolean {
    const close = this.finder.find('$$', from)
    if (close === -1) return true
    const before = this.source.slice(Math.max(0, start - 80), start).split('\n').at(-1) ?? ''
    const lineEnd = this.finder.find('\n', close)
    const after = this.source.slice(close + 2, lineEnd === -1 ? close + 80 : lineEnd)
    return /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)?$/.test(before) && /^\s*[.,;]?\s*$/.test(after)
  }
}

function withoutQuoteMarks(tex: string): string {
  return (tex.includes('\n') ? tex.replace(/\n[ \t]*>[ \t]?/g, '\n') : tex).trim()
}
