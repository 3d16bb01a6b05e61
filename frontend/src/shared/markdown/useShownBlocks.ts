/** The blocks of a growing text, with what each of them needs from the others. */
import { useState } from 'react'

import { BlockReader } from './source/blocks'
import { normalizeText } from './source/placeholders'
import type { Block } from './source/references'
import { inSteps } from './source/steps'

export interface ShownBlock {
  source: string
  definitions: string
  /** Names of the footnotes that it points to, parted by spaces. */
  notes: string
  isOpen: boolean
}

export interface ShownBlocks {
  shown: ShownBlock[]
  /** Names of the footnotes in the order of their numbers, parted by spaces. */
  notes: string
  noteTexts: readonly { label: string; source: string }[]
}

/** What may be the name of a footnote before its text has come; `[^0-9]` is none. */
const LIKELY_NOTE = /^(?:\d{1,4}|[a-z][\w-]{0,30})$/

export function useShownBlocks(text: string, isLive: boolean): ShownBlocks {
  const [reader] = useState(() => new BlockReader())
  // At the end the last line counts as a whole one.
  reader.read(normalizeText(isLive ? text : `${text}\n`), isLive)
  return shownBlocks(reader, isLive)
}

export function shownBlocks({ closed, open, references }: BlockReader, isLive: boolean): ShownBlocks {
  const { texts, order } = references.notesWith(open)
  const notes = [...order].filter((label) => texts.has(label) || (isLive && LIKELY_NOTE.test(label)))
  const known = new Set(notes)
  const notesOf = (block: Block) => block.noteLabels.filter((label) => known.has(label)).join(' ')
  const shown: ShownBlock[] = []
  for (const block of closed) {
    if (block.note === null) shown.push({ source: block.source, definitions: block.definitions.trim(), notes: notesOf(block), isOpen: false })
  }
  if (open?.note === null) {
    const definitions = [references.definitionsFor(open.source), isLive ? references.awaited(open.source) : '']
    shown.push({ source: inSteps(open.source, isLive), definitions: definitions.join('\n').trim(), notes: notesOf(open), isOpen: isLive })
  }
  return { shown, notes: notes.join(' '), noteTexts: notes.flatMap((label) => noteText(label, texts.get(label))) }
}

/** The text of a footnote without its mark and its indentation. */
function noteText(label: string, block: Block | undefined): { label: string; source: string }[] {
  if (block === undefined) return []
  return [{ label, source: block.source.replace(/^ {0,3}\[\^[^\]\s]{1,100}\]:[ \t]*/, '').replace(/^(?: {1,4}|\t)/gm, '') }]
}
