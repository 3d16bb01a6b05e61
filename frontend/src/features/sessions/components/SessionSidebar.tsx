/** The left region: the sign, a new chat, the chats, and below them who is signed in. */
import { Trans, useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { PanelLeftClose, Plus, Search } from 'lucide-react'
import type { ReactNode } from 'react'

import { useMay } from '@/shared/api'
import { Button, CodaSign, IconButton, Kbd, modifierName } from '@/shared/ui'

import { useLiveSessions } from '../hooks/useLiveSessions'
import { useShelf } from '../hooks/useShelf'
import { SessionList } from './SessionList'
import { ShelfSwitch } from './ShelfSwitch'

interface SessionSidebarProps {
  openId: string | undefined
  onDeleted: (id: string) => void
  onSearch: () => void
  onFold: () => void
  /** Person, organization, budget. */
  footer: ReactNode
}

export function SessionSidebar({ openId, onDeleted, onSearch, onFold, footer }: SessionSidebarProps) {
  const { t } = useLingui()
  const modifier = modifierName()
  const [shelf, setShelf] = useShelf(openId)
  useLiveSessions()
  const mayAsk = useMay('runs:write')
  return (
    <>
      <div className="flex h-12 flex-none items-center gap-1 pr-2 pl-4 max-md:h-14">
        <Link to="/" className="flex items-center gap-2.5 rounded-control text-h3 text-ink">
          <CodaSign size={20} />
          Coda
        </Link>
        <span className="flex-1" />
        <IconButton label={t`Search chats`} hint={`${modifier} K`} icon={<Search />} onClick={onSearch} />
        <IconButton label={t`Hide chats`} hint={`${modifier} B`} icon={<PanelLeftClose />} onClick={onFold} />
      </div>
      {mayAsk && <NewChatButton />}
      <nav aria-label={t`Chats`} className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2.5 pt-1">
        {shelf === 'programs' && (
          <h2 className="px-2.5 py-1.5 text-ui font-medium text-ink">
            <Trans>From programs</Trans>
          </h2>
        )}
        <SessionList key={shelf} shelf={shelf} openId={openId} onDeleted={onDeleted} />
      </nav>
      <ShelfSwitch shelf={shelf} onChange={setShelf} />
      <div className="flex-none border-t border-line p-2 pb-[max(8px,env(safe-area-inset-bottom))]">{footer}</div>
    </>
  )
}

function NewChatButton() {
  const modifier = modifierName()
  return (
    <div className="flex-none px-2.5 pb-2">
      <Button asChild className="group w-full justify-start! gap-2 border-line! bg-raised! px-2.5! font-medium hover:border-line-strong!">
        <Link to="/">
          <Plus />
          <span className="flex-1 text-left">
            <Trans>New chat</Trans>
          </span>
          <span className="opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100 pointer-coarse:hidden">
            <Kbd>{`${modifier} ⇧ O`}</Kbd>
          </span>
        </Link>
      </Button>
    </div>
  )
}
