/** Gives the live connection to the components below. */
import { createContext, use, useEffect, useRef, useSyncExternalStore, type ReactNode } from 'react'
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
  const { connection } = useRunStream()
  return useSyncExternalStore(connection.subscribe, connection.get)
}

/** Hear what changed in this or another tab. The handler may be a new function at every render. */
export function useNotes(handler: (note: Note) => void): void {
  const stream = useRunStream()
  const latest = useRef(handler)
  useEffect(() => {
    latest.current = handler
  })
  useEffect(
    () =>
      stream.onNote((note) => {
        latest.current(note)
      }),
    [stream],
  )
}

/** Called after a lost connection came back: whatever notes told in between was missed. */
export function useOnResume(handler: () => void): void {
  const stream = useRunStream()
  const latest = useRef(handler)
  useEffect(() => {
    latest.current = handler
  })
  useEffect(
    () =>
      stream.onResume(() => {
        latest.current()
      }),
    [stream],
  )
}
