/** What a close code of the server asks the client to do. */
import type { RetryPace } from './backoff'

export type CloseVerdict =
  | { next: 'retry'; pace: RetryPace; drop: Drop }
  | { next: 'stop'; reason: StopReason }

/** Which requests are not sent again: those that closed the socket would close the next one too. */
export type Drop = 'none' | 'all' | 'largest'

export type StopReason = 'signed-out' | 'origin'

const retry = (pace: RetryPace): CloseVerdict => ({ next: 'retry', pace, drop: 'none' })

export function closeVerdict(code: number): CloseVerdict {
  switch (code) {
    case 4400:
      // The server could not read a frame of ours: sending it again would end the same way.
      return { next: 'retry', pace: 'backoff', drop: 'all' }
    case 1009:
      // A frame was larger than the server, or a proxy before it, takes.
      return { next: 'retry', pace: 'backoff', drop: 'largest' }
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
