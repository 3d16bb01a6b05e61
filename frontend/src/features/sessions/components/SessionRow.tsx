/** One chat in the list: a link, its mark, and what can be done with it. */
import { useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Ellipsis, Pencil, Pin, PinOff, Trash2 } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'

import { type ChatSession, useMay } from '@/shared/api'
import { useReturningFocus } from '@/shared/hooks'
import { cx, IconButton, Menu, MenuItem, MenuLine } from '@/shared/ui'

import type { SessionMark as Mark } from '../model/mark'
import { RenameField } from './RenameField'
import { SessionMark } from './SessionMark'

export interface SessionActions {
  onRename: (session: ChatSession, title: string) => void
  onPin: (session: ChatSession, isPinned: boolean) => void
  onDelete: (session: ChatSession) => void
}

interface SessionRowProps extends SessionActions {
  session: ChatSession
  mark: Mark
  isOpen: boolean
  /** Tells it from others of its name. */
  apart?: string
}

export function SessionRow({ session, mark, isOpen, apart, ...actions }: SessionRowProps) {
  const { t } = useLingui()
  const mayChange = useMay('sessions:write')
  const [isRenaming, setRenaming] = useState(false)
  const returnFocus = useReturningFocus()
  const title = session.title ?? t`New chat`

  if (isRenaming) {
    return (
      <li>
        <RenameField
          title={title}
          onDone={(next, isByKey) => {
            if (isByKey) returnFocus.expect()
            setRenaming(false)
            if (next && next !== title) actions.onRename(session, next)
          }}
        />
      </li>
    )
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (!mayChange) return
    if (event.key === 'F2') setRenaming(true)
    if (event.key === 'Delete') actions.onDelete(session)
  }
  return (
    <li className="group relative">
      <Link
        ref={returnFocus.take}
        to="/chat/$sessionId"
        params={{ sessionId: session.id }}
        aria-current={isOpen ? 'page' : undefined}
        onKeyDown={onKeyDown}
        className={cx(
          'press flex h-[34px] items-center gap-2 rounded-control pr-2 pl-2.5 text-ui -outline-offset-2 max-md:h-11',
          isOpen ? 'bg-block font-medium text-ink' : 'text-ink-2 hover:bg-hover hover:text-ink',
        )}
      >
        <span dir="auto" className="fade-end min-w-0 flex-1" title={title}>
          {title}
        </span>{' '}
        {apart !== undefined && <span className="flex-none text-badge font-normal text-ink-3">{apart}</span>}{' '}
        <span className={cx('flex flex-none', mayChange && 'group-focus-within:mr-7 group-hover:mr-7 group-has-data-[state=open]:mr-7 pointer-coarse:mr-10!')}>
          {mark && <SessionMark mark={mark} />}
        </span>
      </Link>
      {mayChange && <RowMenu title={title} session={session} onStartRename={() => setRenaming(true)} {...actions} />}
    </li>
  )
}

interface RowMenuProps extends SessionActions {
  title: string
  session: ChatSession
  onStartRename: () => void
}

function RowMenu({ title, session, onStartRename, onPin, onDelete }: RowMenuProps) {
  const { t } = useLingui()
  return (
    <Menu
      align="end"
      trigger={
        <IconButton
          label={t`Actions for ${title}`}
          icon={<Ellipsis />}
          className={cx(
            'absolute top-[3px] right-1 opacity-0 max-md:top-0 max-md:right-0',
            'group-focus-within:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100 pointer-coarse:opacity-100',
          )}
        />
      }
    >
      <MenuItem icon={session.pinned ? <PinOff /> : <Pin />} onSelect={() => onPin(session, !session.pinned)}>
        {session.pinned ? t`Unpin` : t`Pin`}
      </MenuItem>
      <MenuItem icon={<Pencil />} onSelect={onStartRename}>
        {t`Rename`}
      </MenuItem>
      <MenuLine />
      <MenuItem icon={<Trash2 />} onSelect={() => onDelete(session)}>
        {t`Delete`}
      </MenuItem>
    </Menu>
  )
}
