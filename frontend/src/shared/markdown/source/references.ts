/** What blocks tell each other: the targets of reference links, and footnotes. */
import { noteLabels } from './takeOut'

export interface Block {
  source: string
  /** The name of the footnote that the block is the text of. */
  note: string | null
  /** Definitions from anywhere in the text that the block's links need. */
  definitions: string
  /** Names of the footnotes that it points to, in their order. */
  noteLabels: readonly string[]
}

const DEFINITION =
  /^[ \t>]*(?:[-*+][ \t]+)?\[([^[\]\n^][^[\]\n]{0,200})\]:[ \t]*(<[^<>\n]{0,1000}>|[^\s<]\S{0,1000})(?:[ \t]+(?:"[^"\n]{0,300}"|'[^'\n]{0,300}'|\([^()\n]{0,300}\)))?[ \t]*$/
const LABEL = /\[((?:[^[\]\\\n]|\\.){1,200})\]/g
/** `[text][label]`: nothing but a link, so its target is awaited while more text may come. */
const FULL_REFERENCE = /(?<!\w)\[[^[\]\n]{1,300}\]\[([^[\]\n^][^[\]\n]{0,200})\]/g

const normalize = (label: string): string => label.trim().replace(/\s+/g, ' ').toLowerCase()

export class References {
  /** Texts of footnotes by name, and the names in the order in which the text first points to them. */
  readonly notes = new Map<string, Block>()
  readonly noteOrder = new Set<string>()
  private readonly links = new Map<string, string>()
  private readonly waiting = new Map<string, Block[]>()

  /** A line outside of code may define the target of a link. */
  readLine(line: string): void {
    if (!line.includes(']:') || line.length > 3_000) return
    const name = DEFINITION.exec(line)?.[1]
    if (name === undefined || this.links.has(normalize(name))) return
    const label = normalize(name)
    const definition = line.slice(line.indexOf('['))
    this.links.set(label, definition)
    for (const block of this.waiting.get(label) ?? []) block.definitions += `\n${definition}`
    this.waiting.delete(label)
  }

  /** A block that is closed: it is given what it needs, now or when it comes. */
  add(block: Block): void {
    if (block.note !== null && !this.notes.has(block.note)) this.notes.set(block.note, block)
    else block.noteLabels = noteLabels(block.source)
    for (const label of block.noteLabels) this.noteOrder.add(label)
    for (const label of labelsOf(block.source)) {
      const definition = this.links.get(label)
      if (definition !== undefined) block.definitions += `\n${definition}`
      else this.wait(label, block)
    }
  }

  private wait(label: string, block: Block): void {
    const blocks = this.waiting.get(label)
    if (blocks === undefined) this.waiting.set(label, [block])
    else blocks.push(block)
  }

  /** The same for a block that is still open, as far as is known. */
  definitionsFor(source: string): string {
    return [...labelsOf(source)].map((label) => this.links.get(label)).filter((found) => found !== undefined).join('\n')
  }

  /** Footnotes and their order with what the open block adds to them. */
  notesWith(open: Block | null): { texts: ReadonlyMap<string, Block>; order: ReadonlySet<string> } {
    if (open === null) return { texts: this.notes, order: this.noteOrder }
    if (open.note !== null) return { texts: new Map([[open.note, open], ...this.notes]), order: this.noteOrder }
    open.noteLabels = noteLabels(open.source)
    return { texts: this.notes, order: new Set([...this.noteOrder, ...open.noteLabels]) }
  }

  /** Links whose target has not come yet get none, so that their brackets are not seen meanwhile. */
  awaited(source: string): string {
    if (!source.includes('][')) return ''
    const labels = new Set([...source.matchAll(FULL_REFERENCE)].map((match) => normalize(match[1] ?? '')))
    return [...labels].filter((label) => !this.links.has(label)).map((label) => `[${label}]: <>`).join('\n')
  }
}

function labelsOf(source: string): Set<string> {
  if (!source.includes('[')) return new Set()
  return new Set([...source.matchAll(LABEL)].map((match) => normalize(match[1] ?? '')))
}
