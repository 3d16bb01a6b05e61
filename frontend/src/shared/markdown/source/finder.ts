/** Finds the next of something, again and again, in time that grows with the text and not with its square. */

export class Finder {
  private readonly text: string
  private readonly next = new Map<string, number>()

  constructor(text: string) {
    this.text = text
  }

  /** Where `needle` comes next at or after `from`, or -1. `from` never goes back. */
  find(needle: string, from: number): number {
    const known = this.next.get(needle)
    if (known !== undefined && (known === -1 || known >= from)) return known
    const found = this.text.indexOf(needle, from)
    this.next.set(needle, found)
    return found
  }

  /** The next run of exactly `length` backticks in the paragraph that `from` is in. */
  findTicks(length: number, from: number): number {
    const key = '`'.repeat(length)
    let at = this.find(key, from)
    while (at !== -1 && at < this.paragraphEnd(from)) {
      let end = at + length
      while (this.text[end] === '`') end += 1
      if (end - at === length) return at
      at = this.text.indexOf(key, end)
      this.next.set(key, at)
    }
    return -1
  }

  paragraphEnd(from: number): number {
    const end = this.find('\n\n', from)
    return end === -1 ? this.text.length : end
  }
}
