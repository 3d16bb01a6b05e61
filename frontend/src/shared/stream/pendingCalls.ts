/** Promises of frames that wait for their ack, by ref. */
import { retryTime } from '@/shared/lib/retryTime'

import type { AckFrame, ErrorFrame } from './frames'

/** The server refused a command; `code` is stable and the interface matches on it. */
export class StreamError extends Error {
  override readonly name = 'StreamError'
  readonly code: string
  readonly details: Record<string, unknown>
  /** From when on the same may be tried again, where the server tells. */
  readonly retryAt: number | null

  constructor(code: string, message: string, details: Record<string, unknown> = {}) {
    super(message)
    this.code = code
    this.details = details
    this.retryAt = retryTime(details)
  }
}

/** For logs; the interface words what it shows by the code. */
const LOST = 'connection-lost'

interface Pending {
  resolve: (ack: AckFrame) => void
  reject: (error: StreamError) => void
}

export class PendingCalls {
  private readonly calls = new Map<string, Pending>()

  /** What else its ack holds follows from what was asked. */
  expect<Ack extends AckFrame = AckFrame>(ref: string): Promise<Ack> {
    return new Promise((resolve, reject) => {
      this.calls.set(ref, { resolve: (ack) => resolve(ack as Ack), reject })
    })
  }

  resolve(ack: AckFrame): void {
    this.take(ack.ref)?.resolve(ack)
  }

  reject(frame: ErrorFrame): void {
    if (frame.ref === undefined) return
    this.take(frame.ref)?.reject(new StreamError(frame.error.code, frame.error.message, frame.error.details))
  }

  rejectAll(refs: Iterable<string>, code: string): void {
    for (const ref of [...refs]) this.take(ref)?.reject(new StreamError(code, LOST))
  }

  refs(): string[] {
    return [...this.calls.keys()]
  }

  private take(ref: string): Pending | undefined {
    const pending = this.calls.get(ref)
    this.calls.delete(ref)
    return pending
  }
}
