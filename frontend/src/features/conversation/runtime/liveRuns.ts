/** The runs that this tab follows: their events folded into states that components read. */
import { Emitter, Store, withEntry } from '@/shared/lib/store'
import type { RunEvent, RunStream } from '@/shared/stream'

import type { Message } from '../model/message'
import { reduceEvents } from '../model/reduceRun'
import { continuedRun, hasEnded, newRun, type RunState } from '../model/runState'

/** A page that goes and one that comes may both show a run: it is released only when nobody came back for it. */
const RELEASE_AFTER_MS = 2_000
const KEPT_ENDED = 50

export interface EndedRun {
  state: RunState
  sessionId: string
}

export class LiveRuns {
  private readonly stream: RunStream
  private readonly states = new Store<ReadonlyMap<string, RunState>>(new Map())
  private readonly ends = new Emitter<EndedRun>()
  private readonly claims = new Map<string, number>()

  readonly subscribe = this.states.subscribe
  /** Called once per run, when its end arrives here. */
  readonly onEnd = this.ends.on

  constructor(stream: RunStream) {
    this.stream = stream
    stream.onEvents((events) => {
      this.take(events)
    })
  }

  get(runId: string): RunState | null {
    return this.states.get().get(runId) ?? null
  }

  /** A run fills this answer further: it begins with what stands there. Known runs are not touched. */
  continueFrom(runId: string, message: Message): void {
    const states = this.states.get()
    if (states.has(runId) || message.content.length === 0) return
    const before = [...states.values()].findLast(({ messageId }) => messageId === message.id) ?? null
    this.states.set(withEntry(states, runId, continuedRun(runId, message, before)))
  }

  /** Follow a run for as long as somebody shows it. */
  retain(runId: string): () => void {
    this.claims.set(runId, (this.claims.get(runId) ?? 0) + 1)
    const state = this.get(runId)
    if (state === null || !hasEnded(state)) this.stream.watch(runId, state?.lastSeq ?? 0)
    return () => {
      this.claims.set(runId, (this.claims.get(runId) ?? 1) - 1)
      setTimeout(() => {
        this.release(runId)
      }, RELEASE_AFTER_MS)
    }
  }

  private release(runId: string): void {
    if ((this.claims.get(runId) ?? 0) > 0) return
    this.claims.delete(runId)
    const state = this.get(runId)
    if (state === null || !hasEnded(state)) this.stream.unwatch(runId)
  }

  private take(events: readonly RunEvent[]): void {
    const byRun = new Map<string, RunEvent[]>()
    for (const event of events) {
      const { run_id: runId } = event.metadata.coda
      const ofRun = byRun.get(runId)
      if (ofRun === undefined) byRun.set(runId, [event])
      else ofRun.push(event)
    }
    for (const [runId, ofRun] of byRun) this.advance(runId, ofRun)
  }

  private advance(runId: string, events: readonly RunEvent[]): void {
    const before = this.get(runId) ?? newRun(runId)
    const after = reduceEvents(before, events)
    if (after === before) return
    this.states.set(withoutOldest(withEntry(this.states.get(), runId, after)))
    if (!hasEnded(after) || hasEnded(before)) return
    this.ends.emit({ state: after, sessionId: events.at(-1)?.metadata.coda.session_id ?? '' })
  }
}

/** Of the ended runs only the newest are kept. */
function withoutOldest(states: ReadonlyMap<string, RunState>): ReadonlyMap<string, RunState> {
  const ended = [...states.values()].filter(hasEnded)
  const old = new Set(ended.slice(0, -KEPT_ENDED).map(({ runId }) => runId))
  return old.size === 0 ? states : new Map([...states].filter(([runId]) => !old.has(runId)))
}
