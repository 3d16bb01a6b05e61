/** What a close code of the server asks the client to do. */
import type { RetryPace } from './backoff'

export type CloseVerdict =
  | { next: 'retry'; pace: RetryPace; dropRequests: boolean }
  | { next: 'stop'; reason: StopReason }

export type StopReason = 'signed-out' | 'origin'

const retry = (pace: RetryPace): CloseVerdict => ({ next: 'retry', pace, dropRequests: false })

export function closeVerdict(code: number): CloseVerdict {
  switch (code) {
    case 4400:
      // The server could not read a frame of ours: sending it again would end the same way.
      return { next: 'retry', pace: 'backoff', dropRequests: true }
    case 4401:
      // The ticket for the next socket needs a live login; asking for it settles whether there is one.
      return retry('now')
    case 4403:
      return { next: 'stop', reason: 'origin' }
    case 4408:
      return retry('now')
    case 4429:
      return retry('crowded')
    case 1012:
      return retry('restart')
    default:
      return retry('backoff')
  }
}
