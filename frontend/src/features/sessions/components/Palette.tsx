/** Search chats by their words, or run a command; the arrow keys choose, Enter goes. */
import { Trans, useLingui } from '@lingui/react/macro'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { MessageSquare, Search } from 'lucide-react'
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react'

import type { ListedChatSession } from '@/shared/api'
import { formatAgo } from '@/shared/lib/format'
import { useDebounced } from '@/shared/hooks'
import { isComposing, isEnter } from '@/shared/lib/keys'
import { cx, Dialog } from '@/shared/ui'

import { sessionsQuery } from '../api/sessions'
import { flattenSessions } from '../model/pages'
import { markWords } from '../model/markWords'
import { tellApart } from '../model/tellApart'
import type { PaletteCommand, SessionPaletteProps } from './paletteProps'

const MOST_SESSIONS = 20

interface Entry extends PaletteCommand {
  end?: string
  hit?: ListedChatSession['hit']
}

/** The commands whose name holds the text, and the chats that the server finds for it. */
function useSections(text: string, commands: PaletteCommand[], onOpenSession: SessionPaletteProps['onOpenSession']) {
  const { t, i18n } = useLingui()
  const found = useInfiniteQuery({ ...sessionsQuery(useDebounced(text, 150)), placeholderData: keepPreviousData })
  const wanted = text.toLocaleLowerCase(i18n.locale)
  const sections = useMemo(() => {
    const fits: Entry[] = commands.filter(({ label }) => label.toLocaleLowerCase(i18n.locale).includes(wanted))
    const listed = flattenSessions(found.data).slice(0, MOST_SESSIONS)
    const apart = tellApart(listed, i18n.locale, new Date())
    const chats: Entry[] = listed.map((session) => ({
      id: session.id,
      label: session.title ?? t`New chat`,
      icon: <MessageSquare />,
      end: apart.get(session.id) ?? formatAgo(session.updated_at, i18n.locale),
      // Looked for by its words: where they stand.
      hit: wanted === '' ? null : session.hit,
      isToWrite: true,
      onRun: () => onOpenSession(session.id, wanted === '' ? undefined : session.hit?.message_id),
    }))
    const all = [
      { name: t`Commands`, entries: fits },
      { name: t`Chats`, entries: chats },
    ]
    return all.filter(({ entries }) => entries.length > 0)
  }, [commands, found.data, i18n.locale, onOpenSession, t, wanted])
  return { sections, isSearching: found.isFetching }
}

export function Palette({ open, onOpenChange, commands, onOpenSession }: SessionPaletteProps) {
  const { t } = useLingui()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const listId = useId()
  const { sections, isSearching } = useSections(text.trim(), commands, onOpenSession)
  const entries = sections.flatMap((section) => section.entries)
  const at = Math.min(chosen, Math.max(0, entries.length - 1))
  const isToWrite = useRef(false)
  const run = (entry: Entry | undefined) => {
    if (!entry) return
    isToWrite.current = entry.isToWrite === true
    onOpenChange(false)
    entry.onRun()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 }
    const step = steps[event.key]
    if (step !== undefined && entries.length > 0) {
      event.preventDefault()
      setChosen((at + step + entries.length) % entries.length)
    } else if (isEnter(event)) {
      event.preventDefault()
      run(entries[at])
    }
  }

  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t`Search chats and commands`} bare returnTo={() => (isToWrite.current ? composer() : null)}>
      <div className="flex items-center gap-2.5 border-b border-line px-4 text-ink-3">
        <Search aria-hidden />
        <input
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={entries[at] && `${listId}-${entries[at].id}`}
          aria-label={t`Search chats and commands`}
          placeholder={t`Search chats and commands`}
          value={text}
          dir="auto"
          autoFocus
          onChange={(event) => {
            setText(event.target.value)
            setChosen(0)
          }}
          onKeyDown={onKeyDown}
          className="h-12 min-w-0 flex-1 bg-transparent text-prose text-ink outline-none"
        />
      </div>
      <div id={listId} role="listbox" aria-label={t`Results`} className="max-h-[min(420px,56dvh)] overflow-y-auto p-1.5">
        {sections.map((section) => (
          <div key={section.name} role="group" aria-label={section.name}>
            <p aria-hidden className="px-2.5 pt-2 pb-1 text-badge text-ink-3">
              {section.name}
            </p>
            {section.entries.map((entry) => (
              <Option key={entry.id} id={`${listId}-${entry.id}`} entry={entry} q={text} isChosen={entry === entries[at]} onPoint={() => setChosen(entries.indexOf(entry))} onRun={() => run(entry)} />
            ))}
          </div>
        ))}
        {entries.length === 0 && (
          <p className="px-2.5 py-6 text-ui text-ink-2">
            {isSearching ? <Trans>Searching</Trans> : <Trans>Nothing found. Try fewer or other words.</Trans>}
          </p>
        )}
      </div>
    </Dialog>
  )
}

/** Whose message it is, and the words around what was looked for. */
function Snippet({ hit, q }: { hit: NonNullable<ListedChatSession['hit']>; q: string }) {
  return (
    <span className="-mt-1 mb-2 ml-[26px] line-clamp-2 text-row text-ink-3">
      <span className="font-medium text-ink-2">{hit.role === 'user' ? <Trans>You</Trans> : <Trans>Answer</Trans>}</span>{' '}
      <bdi>
        <Marked text={hit.snippet} q={q} />
      </bdi>
    </span>
  )
}

function Marked({ text, q }: { text: string; q: string }) {
  return markWords(text, q).map((piece, index) =>
    piece.isMarked ? <mark key={index} className="rounded-badge bg-warn-soft text-ink">{piece.text}</mark> : piece.text,
  )
}

/** Its chat is on its way out; the one that comes takes the focus from it. On touch that would bring up the keyboard. */
function composer(): Element | null {
  return matchMedia('(pointer: fine)').matches ? document.querySelector('#main textarea') : null
}

interface OptionProps {
  id: string
  entry: Entry
  /** What is looked for. */
  q: string
  isChosen: boolean
  /** The pointer has moved over it: one row is chosen, by whatever hand. */
  onPoint: () => void
  onRun: () => void
}

function Option({ id, entry, q, isChosen, onPoint, onRun }: OptionProps) {
  return (
    // The search field keeps the focus and the keys; the row only takes the pointer.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- see above
    <div
      id={id}
      role="option"
      aria-selected={isChosen}
      tabIndex={-1}
      ref={(element) => {
        if (isChosen) element?.scrollIntoView({ block: 'nearest' })
      }}
      onPointerMove={isChosen ? undefined : onPoint}
      onClick={onRun}
      className={cx(
        'flow-root cursor-pointer rounded-control px-2.5 text-ui',
        isChosen ? 'selected text-ink' : 'text-ink-2',
      )}
    >
      <span className="flex h-9 items-center gap-2.5 max-md:h-11">
        {entry.icon}
        <span dir="auto" className="fade-end min-w-0 flex-1">
          <Marked text={entry.label} q={q} />
        </span>
        {entry.end && <span className="text-row text-ink-3">{entry.end}</span>}
      </span>
      {entry.hit && <Snippet hit={entry.hit} q={q} />}
    </div>
  )
}
