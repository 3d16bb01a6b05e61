import { ApiError } from '@/shared/api'

/** From when on the same may be tried again; null where that is at once, or not known. */
export function retryTimeOf(error: unknown): number | null {
  return error instanceof ApiError ? error.retryAt : null
}
