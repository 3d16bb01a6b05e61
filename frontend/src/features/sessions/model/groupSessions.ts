/** Sorts sessions into what a person looks for: pinned, today, yesterday, then by month. */
import type { ChatSession } from '@/shared/api'

export type GroupKey = 'pinned' | 'today' | 'yesterday' | (string & {})

export interface SessionGroup {
  /** `pinned`, `today`, `yesterday`, or a month as `2026-11`. */
  key: GroupKey
  sessions: ChatSession[]
}

function monthOf(date: Date): string {
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}`
}

function startOfDay(date: Date, daysBack = 0): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - daysBack).getTime()
}

export function groupKey(session: Pick<ChatSession, 'pinned' | 'updated_at'>, now: Date): GroupKey {
  if (session.pinned) return 'pinned'
  const changed = new Date(session.updated_at)
  if (changed.getTime() >= startOfDay(now)) return 'today'
  if (changed.getTime() >= startOfDay(now, 1)) return 'yesterday'
  return monthOf(changed)
}

/** Keeps the server's order within a group; groups stand in the order of their first session, pinned first. */
export function groupSessions(sessions: readonly ChatSession[], now: Date): SessionGroup[] {
  const groups = new Map<GroupKey, ChatSession[]>()
  for (const session of sessions) {
    const key = groupKey(session, now)
    const members = groups.get(key)
    if (members) members.push(session)
    else groups.set(key, [session])
  }
  return [...groups]
    .map(([key, members]) => ({ key, sessions: members }))
    .sort((a, b) => Number(b.key === 'pinned') - Number(a.key === 'pinned'))
}

export function formatMonth(key: string, locale: string, now: Date): string {
  const [year, month] = key.split('-').map(Number)
  const date = new Date(year ?? 0, (month ?? 1) - 1)
  const isThisYear = date.getFullYear() === now.getFullYear()
  const text = new Intl.DateTimeFormat(locale, { month: 'long', year: isThisYear ? undefined : 'numeric' }).format(date)
  return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1)
}
