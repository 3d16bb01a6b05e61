/** What a new socket must be told so that nothing is lost or doubled: runs being watched, requests not yet answered. */
import { isTerminal, type RunEvent } from './events'
import type { ClientFrame, LastingRequest } from './frames'

export class ResumeBook {
  private readonly lastSeqs = new Map<string, number>()
  private readonly requests = new Map<string, LastingRequest>()

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

  sent(ref: string, request: LastingRequest): void {
    this.requests.set(ref, request)
  }

  /** An ack or an error arrived for this ref. Gives the request that it answers. */
  settled(ref: string): LastingRequest | undefined {
    const request = this.requests.get(ref)
    this.requests.delete(ref)
    return request
  }

  openRefs(): string[] {
    return [...this.requests.keys()]
  }

  /** Gives up all requests; gives their refs. */
  dropRequests(): string[] {
    return this.openRefs().map((ref) => this.drop(ref))
  }

  /** Gives up the one with the most to send; the others can go out again. */
  dropLargest(): string[] {
    const sizes = [...this.requests].map(([ref, request]) => ({ ref, size: JSON.stringify(request).length }))
    const largest = sizes.sort((a, b) => b.size - a.size)[0]
    return largest === undefined ? [] : [this.drop(largest.ref)]
  }

  private drop(ref: string): string {
    const request = this.settled(ref)
    if (request?.op === 'start') this.unwatch(request.run_id)
    return ref
  }

  /** The first frames of a new socket: unanswered requests with their old refs, every watched run from where it was read. */
  openingFrames(nextRef: () => string): ClientFrame[] {
    const requests = [...this.requests].map(([ref, request]): ClientFrame => ({ ref, ...request }))
    const starting = new Set(requests.flatMap((frame) => (frame.op === 'start' ? [frame.run_id] : [])))
    const attaches = [...this.lastSeqs]
      .filter(([runId]) => !starting.has(runId))
      .map(([runId, after]): ClientFrame => ({ op: 'attach', ref: nextRef(), run_id: runId, after }))
    return [...requests, ...attaches]
  }
}
