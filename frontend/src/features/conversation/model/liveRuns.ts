/** The runs that this tab follows: their events folded into states that components read. */
import type { RunEvent, RunStream } from '@/shared/stream'

import { reduceEvents } from './reduceRun'
import type { Message } from './message'
import { continuedRun, hasEnded, newRun, type RunState } from './runState'

/** A page that goes and one that comes may both show a run: it is let go only when nobody came back for it. */
const LET_GO_AFTER_MS = 2_000
const KEPT_ENDED = 50

type EndListener = (state: RunState, sessionId: string) => void

export class LiveRuns {
  private readonly stream: RunStream
  private readonly states = new Map<string, RunState>()
  private readonly listeners = new Map<string, Set<() => void>>()
  private readonly endListeners = new Set<EndListener>()
  private readonly claims = new Map<string, number>()

  constructor(stream: RunStream) {
    this.stream = stream
    stream.onEvents((events) => {
      this.take(events)
    })
  }

  get(runId: string): RunState | null {
    return this.states.get(runId) ?? null
  }

  /** A run fills this answer further: it begins with what stands there. Known runs are not touched. */
  goOn(runId: string, message: Message): void {
    if (this.states.has(runId) || message.content.length === 0) return
    const before = [...this.states.values()].findLast(({ messageId }) => messageId === message.id) ?? null
    this.states.set(runId, continuedRun(runId, message, before))
  }

  /** Follow a run for as long as somebody shows it. */
  claim(runId: string): () => void {
    this.claims.set(runId, (this.claims.get(runId) ?? 0) + 1)
    const state = this.get(runId)
    if (state === null || !hasEnded(state)) this.stream.watch(runId, state?.lastSeq ?? 0)
    return () => {
      this.claims.set(runId, (this.claims.get(runId) ?? 1) - 1)
      setTimeout(() => {
        this.letGo(runId)
      }, LET_GO_AFTER_MS)
    }
  }

  subscribe(runId: string, listener: () => void): () => void {
    const listeners = this.listeners.get(runId) ?? new Set()
    this.listeners.set(runId, listeners)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.listeners.delete(runId)
    }
  }

  /** Called once per run, when its end arrives here. */
  onEnd(listener: EndListener): () => void {
    this.endListeners.add(listener)
    return () => this.endListeners.delete(listener)
  }

  private letGo(runId: string): void {
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
    const before = this.states.get(runId) ?? newRun(runId)
    const after = reduceEvents(before, events)
    if (after === before) return
    this.states.set(runId, after)
    if (hasEnded(after) && !hasEnded(before)) this.ended(after, events)
    for (const listener of this.listeners.get(runId) ?? []) listener()
  }

  private ended(state: RunState, events: readonly RunEvent[]): void {
    const sessionId = events.at(-1)?.metadata.coda.session_id ?? ''
    for (const listener of this.endListeners) listener(state, sessionId)
    const ended = [...this.states.values()].filter(hasEnded)
    for (const old of ended.slice(0, -KEPT_ENDED)) this.states.delete(old.runId)
  }
}
