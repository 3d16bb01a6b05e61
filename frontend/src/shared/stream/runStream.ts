/** The live connection of this tab: start, watch and command runs, and hear what changed elsewhere. */
import { Emitter } from '@/shared/lib/store'

import type { Drop } from './closeCodes'
import { ConnectionStore } from './connectionState'
import { isTerminal, type RunEvent } from './events'
import { FrameBatch } from './frameBatch'
import {
  isTooLarge,
  parseFrame,
  type AckFrame,
  type ClientFrame,
  type CommandAck,
  type ControlFrame,
  type ErrorFrame,
  type LastingRequest,
  type Note,
  type RunCommand,
  type StartAck,
  type StartRequest,
} from './frames'
import { PendingCalls, StreamError } from './pendingCalls'
import { ResumeBook } from './resumeBook'
import { Socket, type SocketOptions } from './socket'

export interface RefusedRun {
  runId: string
  error: StreamError
}

export class RunStream {
  readonly connection = new ConnectionStore()
  private readonly book = new ResumeBook()
  private readonly calls = new PendingCalls()
  private readonly attachRefs = new Map<string, string>()
  private readonly events = new Emitter<RunEvent[]>()
  private readonly notes = new Emitter<Note>()
  private readonly resumes = new Emitter()
  private readonly refusals = new Emitter<RefusedRun>()
  private readonly batch = new FrameBatch<RunEvent>((events) => {
    this.events.emit(events)
  })
  private readonly socket: Socket
  private wasOnline = false
  private refCount = 0

  constructor(options: Omit<SocketOptions, 'handlers'>) {
    this.socket = new Socket({
      ...options,
      handlers: {
        opened: () => {
          this.opened()
        },
        text: (text) => {
          this.received(text)
        },
        lost: (drop) => {
          this.lost(drop)
        },
        stopped: (reason) => {
          this.failAll()
          this.connection.set({ phase: 'stopped', reason })
        },
      },
    })
  }

  /** Connect, and stay connected until the returned function is called. */
  open(): () => void {
    this.connection.set({ phase: 'connecting' })
    this.socket.run()
    const stopListening = this.followNetwork()
    return () => {
      stopListening()
      this.socket.halt()
      this.connection.set({ phase: 'idle' })
    }
  }

  /** Send a question. Safe over a lost connection: the same ids are sent again until the server has answered. */
  start(request: StartRequest): Promise<StartAck> {
    return this.request({ op: 'start', ...request })
  }

  /** Tell a run something; sent again over a lost connection too. The ack names the run that goes on. */
  command(command: RunCommand): Promise<CommandAck> {
    return this.request(command)
  }

  /** Follow a run from the event after `after`. Following it twice changes nothing. */
  watch(runId: string, after: number): void {
    if (this.book.isWatched(runId)) return
    this.book.watch(runId, after)
    this.attach(runId, after)
  }

  unwatch(runId: string): void {
    if (!this.book.isWatched(runId)) return
    this.book.unwatch(runId)
    this.socket.send({ op: 'detach', ref: this.nextRef(), run_id: runId })
  }

  async cancel(runId: string): Promise<void> {
    const ref = this.nextRef()
    if (!this.socket.send({ op: 'cancel', ref, run_id: runId })) {
      throw new StreamError('stream.offline', 'offline')
    }
    await this.calls.expect(ref)
  }

  readonly onEvents = this.events.on
  readonly onNote = this.notes.on
  /** Called after a connection came back: notes may have been missed, so lists should be read again. */
  readonly onResume = this.resumes.on
  /** Called when the server would not let this run be followed (it is gone, or not ours any more). */
  readonly onRefused = this.refusals.on

  private request<Ack extends AckFrame>(request: LastingRequest): Promise<Ack> {
    const ref = this.nextRef()
    if (isTooLarge({ ref, ...request })) return Promise.reject(new StreamError('stream.too_large', 'too-large'))
    if (request.op === 'start') this.book.watch(request.run_id, 0)
    this.book.sent(ref, request)
    const ack = this.calls.expect<Ack>(ref)
    this.socket.send({ ref, ...request })
    return ack
  }

  private opened(): void {
    this.attachRefs.clear()
    for (const frame of this.book.openingFrames(this.nextRef)) {
      if (frame.op === 'attach') this.attachRefs.set(frame.ref, frame.run_id)
      this.socket.send(frame)
    }
    this.connection.set({ phase: 'online' })
    if (this.wasOnline) this.resumes.emit()
    this.wasOnline = true
  }

  private received(text: string): void {
    const { events, controls } = parseFrame(text)
    for (const control of controls) this.control(control)
    const ours = events.filter((event) => this.book.isWatched(event.metadata.coda.run_id))
    for (const event of ours) this.book.saw(event)
    this.batch.push(ours)
    if (ours.some(isTerminal)) this.batch.flush()
  }

  private control(frame: ControlFrame): void {
    switch (frame.op) {
      case 'ack':
        this.acked(frame)
        break
      case 'error':
        this.refused(frame)
        break
      case 'note':
        this.notes.emit({ topic: frame.topic, id: frame.id, change: frame.change })
        break
      default:
        break
    }
  }

  private acked(frame: AckFrame): void {
    const request = this.book.settled(frame.ref)
    const runId = frame.run?.id
    // A command that made a new run follows it at once.
    if (request !== undefined && runId !== undefined && runId !== request.run_id) this.book.watch(runId, 0)
    this.attachRefs.delete(frame.ref)
    this.calls.resolve(frame)
  }

  private refused(frame: ErrorFrame): void {
    const ref = frame.ref ?? ''
    const request = this.book.settled(ref)
    if (request?.op === 'start') this.book.unwatch(request.run_id)
    this.calls.reject(frame)
    const runId = this.attachRefs.get(ref) ?? frame.run_id
    if (runId === undefined) return
    this.attachRefs.delete(ref)
    this.book.unwatch(runId)
    this.refusals.emit({ runId, error: new StreamError(frame.error.code, frame.error.message, frame.error.details) })
  }

  private attach(runId: string, after: number): void {
    const frame: ClientFrame = { op: 'attach', ref: this.nextRef(), run_id: runId, after }
    if (this.socket.send(frame)) this.attachRefs.set(frame.ref, runId)
  }

  private lost(drop: Drop): void {
    if (drop === 'all') this.calls.rejectAll(this.book.dropRequests(), 'stream.bad_frame')
    if (drop === 'largest') this.calls.rejectAll(this.book.dropLargest(), 'stream.too_large')
    // What is remembered is sent again; anything else is answered to its caller as lost.
    const lasting = new Set(this.book.openRefs())
    this.calls.rejectAll(
      this.calls.refs().filter((ref) => !lasting.has(ref)),
      'stream.offline',
    )
    this.connection.set({ phase: 'offline', since: Date.now() })
  }

  private failAll(): void {
    this.book.dropRequests()
    this.calls.rejectAll(this.calls.refs(), 'stream.stopped')
  }

  private followNetwork(): () => void {
    const retry = () => {
      if (!document.hidden) this.socket.retryNow()
    }
    const lose = () => {
      this.socket.giveUp()
    }
    window.addEventListener('online', retry)
    window.addEventListener('offline', lose)
    document.addEventListener('visibilitychange', retry)
    return () => {
      window.removeEventListener('online', retry)
      window.removeEventListener('offline', lose)
      document.removeEventListener('visibilitychange', retry)
    }
  }

  private readonly nextRef = (): string => `c${String(++this.refCount)}`
}
