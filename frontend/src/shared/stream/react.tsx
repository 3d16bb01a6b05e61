/** Gives the live connection to the components below. */
import { createContext, use, useEffect, type ReactNode } from 'react'

import { useLatest } from '@/shared/hooks/useLatest'
import type { Emitter } from '@/shared/lib/store'
import { useStore } from '@/shared/lib/useStore'

import type { ConnectionState } from './connectionState'
import type { Note } from './frames'
import type { RunStream } from './runStream'

const StreamContext = createContext<RunStream | null>(null)

export function StreamProvider({ stream, children }: { stream: RunStream; children: ReactNode }) {
  useEffect(() => stream.open(), [stream])
  return <StreamContext value={stream}>{children}</StreamContext>
}

export function useRunStream(): RunStream {
  const stream = use(StreamContext)
  if (stream === null) throw new Error('useRunStream needs a StreamProvider above it.')
  return stream
}

export function useConnection(): ConnectionState {
  return useStore(useRunStream().connection)
}

/** Hear what changed in this or another tab. The handler may be a new function at every render. */
export function useNotes(handler: (note: Note) => void): void {
  useListener(useRunStream().onNote, handler)
}

/** Called after a lost connection came back: whatever notes told in between was missed. */
export function useOnResume(handler: () => void): void {
  useListener(useRunStream().onResume, handler)
}

function useListener<Event>(on: Emitter<Event>['on'], handler: (event: Event) => void): void {
  const latest = useLatest(handler)
  useEffect(() => on((event) => latest.current(event)), [on, latest])
}
