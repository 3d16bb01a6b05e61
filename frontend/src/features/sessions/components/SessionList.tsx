/** The chats in their groups; further pages come as the end is reached. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useMemo, useRef } from 'react'

import { type ChatSession, useMay } from '@/shared/api'
import { useListFocus } from '@/shared/hooks'
import { ProblemLine, retryTimeOf, TimedButton } from '@/shared/problems'
import { Skeleton } from '@/shared/ui'

import { pausedQuery, sessionsQuery, type Shelf, useChangeSession, useDeleteSession } from '../api/sessions'
import { useSeenSessions } from '../hooks/useSeenSessions'
import { formatMonth, groupSessions, type SessionGroup } from '../model/groupSessions'
import { sessionMark } from '../model/mark'
import { flattenSessions } from '../model/pages'
import { seenAt } from '../model/seen'
import { tellApart } from '../model/tellApart'
import { PageEnd } from './PageEnd'
import { type SessionActions, SessionRow } from './SessionRow'

interface SessionListProps {
  shelf: Shelf
  openId: string | undefined
  onDeleted: (id: string) => void
}

export function SessionList({ shelf, openId, onDeleted }: SessionListProps) {
  const list = useInfiniteQuery(sessionsQuery('', shelf))
  const sessions = useMemo(() => flattenSessions(list.data), [list.data])
  const paused = usePausedSessions(sessions)
  const { i18n } = useLingui()
  const apart = useMemo(() => tellApart(sessions, i18n.locale, new Date()), [sessions, i18n.locale])
  const actions = useSessionActions(onDeleted)
  const rows = useRef<HTMLDivElement>(null)
  const rowFocus = useListFocus(rows)

  if (list.isPending) return <ListSkeleton />
  if (list.isError && sessions.length === 0) {
    return (
      <div className="flex flex-col items-start gap-3 px-2.5 py-3">
        <ProblemLine error={list.error} />
        <TimedButton size="sm" until={retryTimeOf(list.error)} onClick={() => void list.refetch()}>
          <Trans>Try again</Trans>
        </TimedButton>
      </div>
    )
  }
  return (
    <div ref={rows} {...rowFocus} className="outline-none">
      {sessions.length === 0 && <EmptyList shelf={shelf} />}
      {groupSessions(sessions, new Date()).map((group) => (
        <Group key={group.key} group={group} openId={openId} paused={paused} apart={apart} actions={actions} />
      ))}
      {list.hasNextPage && <PageEnd isLoading={list.isFetchingNextPage} onReach={() => void list.fetchNextPage()} />}
    </div>
  )
}

function EmptyList({ shelf }: { shelf: Shelf }) {
  const mayAsk = useMay('runs:write')
  const own = mayAsk ? <Trans>Your chats will appear here. Ask something to begin.</Trans> : <Trans>You have no chats here.</Trans>
  return <p className="px-2.5 py-3 text-row text-ink-3">{shelf === 'programs' ? <Trans>No program has asked anything here.</Trans> : own}</p>
}

interface GroupProps {
  group: SessionGroup
  openId: string | undefined
  paused: readonly string[]
  /** What tells chats of one name apart. */
  apart: ReadonlyMap<string, string>
  actions: SessionActions
}

function Group({ group, openId, paused, apart, actions }: GroupProps) {
  const { t, i18n } = useLingui()
  const seen = useSeenSessions()
  const names: Record<string, string> = { pinned: t({ message: 'Pinned', context: 'chats' }), today: t`Today`, yesterday: t`Yesterday` }
  const name = names[group.key] ?? formatMonth(group.key, i18n.locale, new Date())
  return (
    <section aria-label={name} className="pb-3">
      <h2 aria-hidden className="px-2.5 pt-2 pb-1.5 text-badge text-ink-3">
        {name}
      </h2>
      <ul>
        {group.sessions.map((session) => {
          const isOpen = session.id === openId
          const mark = sessionMark({ session, seenAt: seenAt(seen, session.id), isOpen, isPaused: paused.includes(session.id) })
          return <SessionRow key={session.id} session={session} isOpen={isOpen} mark={mark} apart={apart.get(session.id)} {...actions} />
        })}
      </ul>
    </section>
  )
}

function useSessionActions(onDeleted: (id: string) => void): SessionActions {
  const change = useChangeSession()
  const remove = useDeleteSession()
  return {
    onRename: ({ id }, title) => change.mutate({ id, title }),
    onPin: ({ id }, pinned) => change.mutate({ id, pinned }),
    onDelete: ({ id }) => {
      remove.mutate(id)
      onDeleted(id)
    },
  }
}

const NONE: readonly string[] = []

function usePausedSessions(sessions: readonly ChatSession[]): readonly string[] {
  const isAnyRunning = sessions.some(({ run_status: status }) => status === 'running')
  const { data } = useQuery({ ...pausedQuery, enabled: isAnyRunning })
  return isAnyRunning ? (data ?? NONE) : NONE
}

const WIDTHS = ['w-36', 'w-44', 'w-28', 'w-40', 'w-32']

function ListSkeleton() {
  return (
    <div aria-hidden className="px-2.5 pt-8">
      {WIDTHS.map((width) => (
        <div key={width} className="flex h-[34px] items-center">
          <Skeleton className={`h-3 ${width}`} />
        </div>
      ))}
    </div>
  )
}
