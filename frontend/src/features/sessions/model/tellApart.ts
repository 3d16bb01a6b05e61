/** Chats of one name are told apart: by when each was begun, and by a number where that is the same too. */
import type { ChatSession } from '@/shared/api'
import { formatBriefly } from '@/shared/lib/format'

type Begun = Pick<ChatSession, 'id' | 'title' | 'created_at'>

/** By the id of every chat that shares its name with another one; `now` decides what today is. */
export function tellApart(sessions: readonly Begun[], locale: string, now: Date): ReadonlyMap<string, string> {
  const words = new Map<string, string>()
  for (const namesakes of namesakesOf(sessions, locale)) {
    const counts = new Map<string, number>()
    for (const { id, created_at: at } of namesakes) {
      const moment = formatBriefly(at, locale, now)
      const count = (counts.get(moment) ?? 0) + 1
      counts.set(moment, count)
      words.set(id, count === 1 ? moment : `${moment} · ${String(count)}`)
    }
  }
  return words
}

/** The groups of more than one of a name, each oldest first. */
function namesakesOf(sessions: readonly Begun[], locale: string): Begun[][] {
  const groups = new Map<string, Begun[]>()
  for (const session of sessions) {
    const name = (session.title ?? '').trim().toLocaleLowerCase(locale)
    groups.set(name, [...(groups.get(name) ?? []), session])
  }
  return [...groups.values()]
    .filter((namesakes) => namesakes.length > 1)
    .map((namesakes) => namesakes.toSorted((a, b) => a.created_at.localeCompare(b.created_at) || a.id.localeCompare(b.id)))
}
