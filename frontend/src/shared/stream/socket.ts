/** Keeps one WebSocket open: asks for a ticket, connects, beats, and connects again after a loss. */
import { retryDelay, type RetryPace } from './backoff'
import { closeVerdict, type Drop, type StopReason } from './closeCodes'
import type { ClientFrame } from './frames'

const HEARTBEAT_MS = 20_000
const PONG_WITHIN_MS = 10_000
const STABLE_AFTER_MS = 5_000

export interface SocketHandlers {
  opened: () => void
  text: (text: string) => void
  lost: (drop: Drop) => void
  stopped: (reason: StopReason) => void
}

export interface SocketOptions {
  url: (ticket: string) => string
  /** Gives a one-time ticket, or null when nobody is signed in. */
  ticket: () => Promise<string | null>
  handlers: SocketHandlers
}

export class Socket {
  private socket: WebSocket | null = null
  private attempt = 0
  private running = false
  private generation = 0
  private retryTimer: ReturnType<typeof setTimeout> | undefined
  private beatTimer: ReturnType<typeof setTimeout> | undefined
  private stableTimer: ReturnType<typeof setTimeout> | undefined

  private readonly options: SocketOptions

  constructor(options: SocketOptions) {
    this.options = options
  }

  get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN
  }

  run(): void {
    if (this.running) return
    this.running = true
    this.attempt = 0
    void this.connect()
  }

  halt(): void {
    this.running = false
    this.drop()
  }

  /** The network is said to be back, or the tab was looked at: do not wait for the timer. */
  retryNow(): void {
    if (!this.running || this.socket !== null) return
    this.attempt = 0
    clearTimeout(this.retryTimer)
    void this.connect()
  }

  /** The network is said to be gone: the socket may not notice for minutes. */
  giveUp(): void {
    if (!this.running) return
    this.drop()
    this.options.handlers.lost('none')
    this.retryLater('backoff')
  }

  send(frame: ClientFrame): boolean {
    if (!this.isOpen) return false
    this.socket?.send(JSON.stringify(frame))
    return true
  }

  private async connect(): Promise<void> {
    const generation = ++this.generation
    const ticket = await this.options.ticket().catch(() => undefined)
    if (generation !== this.generation || !this.running) return
    if (ticket === null) {
      this.stop('signed-out')
    } else if (ticket === undefined) {
      this.options.handlers.lost('none')
      this.retryLater('backoff')
    } else {
      this.open(new WebSocket(this.options.url(ticket)))
    }
  }

  private open(socket: WebSocket): void {
    this.socket = socket
    socket.onopen = () => {
      this.stableTimer = setTimeout(() => (this.attempt = 0), STABLE_AFTER_MS)
      this.options.handlers.opened()
      this.beat()
    }
    socket.onmessage = (message: MessageEvent) => {
      this.beat()
      if (typeof message.data === 'string') this.options.handlers.text(message.data)
    }
    socket.onclose = (close) => {
      if (this.socket === socket) this.closed(close.code)
    }
  }

  private closed(code: number): void {
    this.drop()
    const verdict = closeVerdict(code)
    if (verdict.next === 'stop') {
      this.stop(verdict.reason)
      return
    }
    this.options.handlers.lost(verdict.drop)
    this.retryLater(verdict.pace)
  }

  private retryLater(pace: RetryPace): void {
    clearTimeout(this.retryTimer)
    this.retryTimer = setTimeout(() => void this.connect(), retryDelay(pace, this.attempt))
    this.attempt += 1
  }

  /** Any frame proves that the line lives; silence is answered with a ping, and silence after it with a new socket. */
  private beat(): void {
    clearTimeout(this.beatTimer)
    this.beatTimer = setTimeout(() => {
      this.send({ op: 'ping', ref: 'beat' })
      this.beatTimer = setTimeout(() => {
        this.closed(1006)
      }, PONG_WITHIN_MS)
    }, HEARTBEAT_MS)
  }

  private stop(reason: StopReason): void {
    this.running = false
    this.drop()
    this.options.handlers.stopped(reason)
  }

  private drop(): void {
    this.generation += 1
    clearTimeout(this.retryTimer)
    clearTimeout(this.beatTimer)
    clearTimeout(this.stableTimer)
    const socket = this.socket
    this.socket = null
    if (socket === null) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }
}
