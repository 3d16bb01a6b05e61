/** What a new socket must be told so that nothing is lost or doubled: runs being watched and starts not yet acked. */
import { isTerminal, type RunEvent } from './events'
import type { ClientFrame, StartRequest } from './frames'

export class ResumeBook {
  private readonly lastSeqs = new Map<string, number>()
  private readonly starts = new Map<string, StartRequest>()

  watch(runId: string, after: number): void {
    this.lastSeqs.set(runId, Math.max(after, this.lastSeqs.get(runId) ?? 0))
  }

  unwatch(runId: string): void {
    this.lastSeqs.delete(runId)
  }

  isWatched(runId: string): boolean {
    return this.lastSeqs.has(runId)
  }

  lastSeq(runId: string): number {
    return this.lastSeqs.get(runId) ?? 0
  }

  /** Remember how far a run was read; a run that ended needs no watching any more. */
  saw(event: RunEvent): void {
    const { run_id: runId, seq, replay } = event.metadata.coda
    if (replay !== true && this.lastSeqs.has(runId)) {
      this.lastSeqs.set(runId, Math.max(seq, this.lastSeqs.get(runId) ?? 0))
    }
    if (isTerminal(event)) this.lastSeqs.delete(runId)
  }

  startSent(ref: string, request: StartRequest): void {
    this.starts.set(ref, request)
  }

  /** An ack or an error arrived for this start. Gives the request it belonged to. */
  startSettled(ref: string): StartRequest | undefined {
    const request = this.starts.get(ref)
    this.starts.delete(ref)
    return request
  }

  startRefs(): string[] {
    return [...this.starts.keys()]
  }

  dropStarts(): string[] {
    const refs = this.startRefs()
    this.starts.clear()
    return refs
  }

  /** The first frames of a new socket: un-acked starts with their old ids, then every watched run from where it was read. */
  openingFrames(nextRef: () => string): ClientFrame[] {
    const starting = new Set([...this.starts.values()].map((request) => request.run_id))
    const starts = [...this.starts].map(([ref, request]): ClientFrame => ({ op: 'start', ref, ...request }))
    const attaches = [...this.lastSeqs]
      .filter(([runId]) => !starting.has(runId))
      .map(([runId, after]): ClientFrame => ({ op: 'attach', ref: nextRef(), run_id: runId, after }))
    return [...starts, ...attaches]
  }
}
