/** Stands in for the network in tests: what the page sends is kept, what the server says is put in by the test. */
export class FakeSocket {
  static readonly OPEN = 1
  static all: FakeSocket[] = []
  static get last(): FakeSocket {
    const socket = FakeSocket.all.at(-1)
    if (socket === undefined) throw new Error('No socket was opened.')
    return socket
  }

  readyState = 0
  sent: Record<string, unknown>[] = []
  onopen: (() => void) | null = null
  onmessage: ((message: { data: string }) => void) | null = null
  onclose: ((close: { code: number }) => void) | null = null
  readonly url: string

  constructor(url: string) {
    this.url = url
    FakeSocket.all.push(this)
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }

  close(): void {
    this.readyState = 3
  }

  accept(): void {
    this.readyState = 1
    this.onopen?.()
  }

  say(value: unknown): void {
    this.onmessage?.({ data: JSON.stringify(value) })
  }

  lose(code = 1006): void {
    this.readyState = 3
    this.onclose?.({ code })
  }

  /** The newest frame of this kind. */
  sentLast(op: string): Record<string, unknown> {
    const frame = this.sent.findLast((sent) => sent.op === op)
    if (frame === undefined) throw new Error(`No ${op} was sent.`)
    return frame
  }
}
