/** Closes what is open at the end of a paragraph, and leaves out what is only half there. */
import { isHalfTag } from './tags'

interface Opened {
  mark: string
  length: number
  /** Where the mark begins. */
  at: number
  /** Within a word it may as well mean itself ("2*3"). */
  isDoubtful: boolean
}

const TOKEN = /\\[\s\S]|(`+)|(\*+|_+|~{2,})|(!?\[)|(\](?:\([^)\n]{0,2000}\)?|\[[^\]\n]{0,200}\]?)?)|<[^<>\n]{0,300}>/g
const HALF_END = /(?:\\|&#?\w{0,8}|~|https?:\/?\/?|<(?:https?:[^\s<>]*)?)$/
const MOST_LABEL = 300
const MOST_OPENED = 50

export function mendInline(text: string): string {
  return new Mending(withoutHalfEnd(text)).run()
}

function withoutHalfEnd(text: string): string {
  const whole = text.replace(HALF_END, '')
  const tag = /<\/?[a-zA-Z][^<>\n]{0,100}$/.exec(whole)
  return tag !== null && isHalfTag(tag[0]) ? whole.slice(0, tag.index) : whole
}

class Mending {
  private text: string
  private opened: Opened[] = []
  private brackets: { mark: string; at: number }[] = []

  constructor(text: string) {
    this.text = text
  }

  run(): string {
    TOKEN.lastIndex = 0
    for (let match = TOKEN.exec(this.text); match !== null; match = TOKEN.exec(this.text)) {
      const end = this.read(match)
      if (end === null) break
      TOKEN.lastIndex = end
    }
    this.dropOpenBracket()
    return this.closeMarks()
  }

  /** Handles a token, and says where to go on; null where the text ends in it. */
  private read(match: RegExpExecArray): number | null {
    const [whole, ticks, marks, bracket, closing] = match
    const end = match.index + whole.length
    if (ticks !== undefined) return this.readCode(end, ticks)
    if (marks !== undefined) return this.readMarks(match.index, marks)
    if (bracket !== undefined) this.brackets.push({ mark: bracket, at: match.index })
    if (closing !== undefined) return this.readClosing(match.index, closing)
    return end
  }

  private readCode(end: number, ticks: string): number | null {
    const close = findRun(this.text, ticks.length, end)
    if (close !== -1) return close + ticks.length
    const code = this.text.slice(end).replace(/`+$/, '')
    this.text = code === '' ? this.text.slice(0, end - ticks.length) : `${this.text.slice(0, end)}${code}${ticks}`
    return null
  }

  private readMarks(at: number, marks: string): number | null {
    const mark = marks.charAt(0)
    const end = at + marks.length
    const before = this.text[at - 1] ?? ' '
    const after = this.text[end]
    if (mark === '_' && isWithinWord(before, after)) return end
    const rest = /\s/.test(before) ? marks.length : this.close(mark, marks.length)
    if (after === undefined) {
      // What opens nothing yet, and half of what closes.
      this.text = this.text.slice(0, end - rest)
      return null
    }
    if (rest > 0 && !/\s/.test(after) && this.opened.length < MOST_OPENED) this.opened.push({ mark, length: rest, at, isDoubtful: /[A-Za-z0-9]/.test(before) })
    return end
  }

  /** Closes what the marks close, and gives back how many of them are left. */
  private close(mark: string, count: number): number {
    let left = count
    while (left > 0) {
      const index = this.opened.findLastIndex((opened) => opened.mark === mark)
      const opened = this.opened[index]
      if (opened === undefined) return left
      const used = Math.min(left, opened.length)
      left -= used
      opened.length -= used
      this.opened.length = opened.length === 0 ? index : index + 1
    }
    return left
  }

  private readClosing(at: number, closing: string): number | null {
    const open = this.brackets.pop()
    const end = at + closing.length
    if (open === undefined) return at + 1
    const isHalf = end === this.text.length && (closing === ']' || !/[)\]]$/.test(closing.slice(1)))
    if (!isHalf) return end
    this.text = this.text.slice(0, at)
    this.brackets.push(open)
    return null
  }

  /** `[label` and `[label](address` are shown as their label, half a picture not at all. */
  private dropOpenBracket(): void {
    const open = this.brackets.at(-1)
    if (open === undefined) return
    const label = this.text.slice(open.at + open.mark.length)
    const isPicture = open.mark === '!['
    if ((/\w/.test(this.text[open.at - 1] ?? '') && !label.startsWith('^')) || label.length > MOST_LABEL || label.includes('\n')) return
    const isHeld = isPicture || /^(?:\^?[\w-]{0,3}|[ xX])$/.test(label)
    this.text = this.text.slice(0, open.at) + (isHeld ? '' : label)
  }

  private closeMarks(): string {
    const marks = this.opened.filter(({ isDoubtful, at }) => !isDoubtful && at < this.text.trimEnd().length)
    if (marks.length === 0) return this.text
    return marks.reduceRight((text, { mark, length }) => text + mark.repeat(length), this.text.trimEnd())
  }
}

const isWithinWord = (before: string, after: string | undefined): boolean => /\w/.test(before) && after !== undefined && /\w/.test(after)

function findRun(text: string, length: number, from: number): number {
  for (let at = text.indexOf('`'.repeat(length), from); at !== -1; ) {
    let end = at + length
    while (text[end] === '`') end += 1
    if (end - at === length) return at
    at = text.indexOf('`'.repeat(length), end)
  }
  return -1
}
