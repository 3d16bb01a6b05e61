/** Any JSON as a tree: short values in one line, long ones folded, long lists in portions. */
import { Plural, Trans } from '@lingui/react/macro'
import { ChevronRight } from 'lucide-react'
import { useState } from 'react'

import { cx } from '@/shared/ui'

const PORTION = 50
const OPEN_DEPTH = 3
const SHORT_LIST = 72
const LONG_TEXT = 400

interface JsonTreeProps {
  value: unknown
  name?: string
  depth?: number
}

export function JsonTree({ value, name, depth = 0 }: JsonTreeProps) {
  const short = shortList(value)
  if (short === null && typeof value === 'object' && value !== null) return <Branch value={value} name={name} depth={depth} />
  return (
    <div className="flex gap-2 font-mono text-code">
      {name !== undefined && <Name name={name} />}
      {short === null ? <Leaf value={value} /> : <span dir="auto" className="text-ink">{short}</span>}
    </div>
  )
}

/** A list of a few plain values fits in one line; so does an empty one. */
function shortList(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null
  const isPlain = Object.values(value).every((item) => typeof item !== 'object' || item === null)
  if (!isPlain || (!Array.isArray(value) && Object.keys(value).length > 0)) return null
  const text = Array.isArray(value) ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]` : '{}'
  return text.length <= SHORT_LIST ? text : null
}

const Name = ({ name }: { name: string }) => <span dir="auto" className="flex-none text-ink-2">{name}</span>

function Branch({ value, name, depth }: { value: object; name: string | undefined; depth: number }) {
  const entries = Object.entries(value)
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH)
  const [shown, setShown] = useState(PORTION)
  if (depth === 0) return <Entries entries={entries} shown={shown} onMore={() => setShown(shown + PORTION)} depth={depth} />
  return (
    <div>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="-ml-4 flex min-h-6 items-center gap-1 rounded-badge font-mono text-code hover:bg-hover max-md:min-h-8"
      >
        <ChevronRight aria-hidden className={cx('size-3! text-ink-3', isOpen && 'rotate-90')} />
        {name !== undefined && <Name name={name} />}
        <span className="ml-1 font-sans text-badge font-normal text-ink-3">
          <Plural value={entries.length} one="# entry" other="# entries" />
        </span>
      </button>
      {isOpen && (
        <div className="pl-4">
          <Entries entries={entries} shown={shown} onMore={() => setShown(shown + PORTION)} depth={depth} />
        </div>
      )}
    </div>
  )
}

interface EntriesProps {
  entries: [string, unknown][]
  shown: number
  onMore: () => void
  depth: number
}

function Entries({ entries, shown, onMore, depth }: EntriesProps) {
  const rest = entries.length - shown
  const next = Math.min(rest, PORTION)
  return (
    <>
      {entries.slice(0, shown).map(([key, child]) => (
        <JsonTree key={key} name={key} value={child} depth={depth + 1} />
      ))}
      {rest > 0 && (
        <button type="button" onClick={onMore} className="link text-row max-md:min-h-11">
          <Trans>Show {next} more</Trans>
        </button>
      )}
    </>
  )
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value === 'string') return <Text text={value} />
  if (typeof value === 'number') return <span className="text-tool">{String(value)}</span>
  return <span className="text-reason">{String(value)}</span>
}

function Text({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(text.length <= LONG_TEXT)
  return (
    <span dir="auto" className="min-w-0 wrap-anywhere whitespace-pre-wrap text-ok">
      {isWhole ? text : `${text.slice(0, LONG_TEXT)}…`}
      {!isWhole && (
        <button type="button" onClick={() => setWhole(true)} className="link ml-2 font-sans text-row">
          <Trans>Show all</Trans>
        </button>
      )}
    </span>
  )
}
