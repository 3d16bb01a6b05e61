import { retryTime } from '../lib/retryTime'

/** What the API says when it refuses, as one class that the screen can match on by code. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** Stable, such as `conversations.session_not_found`; `network` where no answer came. */
  readonly code: string
  readonly details: Record<string, unknown>
  /** From when on the same may be tried again, where the server tells; milliseconds since 1970. */
  readonly retryAt: number | null

  constructor(status: number, code: string, message: string, details: Record<string, unknown> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.details = details
    this.retryAt = retryTime(details)
  }

  get isNetwork(): boolean {
    return this.code === 'network'
  }

  get isSignedOut(): boolean {
    return this.status === 401
  }
}

/** What a refusal says, whichever way it came: as an answer over HTTP or as a frame of the socket. All else went wrong here: `browser`. */
export function problemOf(error: unknown): { code: string; message: string; retryAt: number | null; details: Record<string, unknown> } {
  if (!(error instanceof Error)) return { code: 'browser', message: '', retryAt: null, details: {} }
  const { message } = error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'browser'
  const retryAt = 'retryAt' in error && typeof error.retryAt === 'number' ? error.retryAt : null
  const details = 'details' in error ? (error.details as Record<string, unknown>) : {}
  return { code, message, retryAt, details }
}

interface Envelope {
  error: { code: string; message: string; details?: Record<string, unknown> }
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null || !('error' in value)) return false
  const { error } = value
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
}

/** Reads `{"error": {code, message, details}}`; anything else (a proxy's page) becomes a code of its status. */
export function toApiError({ status, headers }: Pick<Response, 'status' | 'headers'>, body: unknown): ApiError {
  const told = waitIn(headers)
  if (isEnvelope(body)) return new ApiError(status, body.error.code, body.error.message, { ...told, ...body.error.details })
  return new ApiError(status, `http.${status}`, '', told)
}

/** A proxy that limits tells the wait in its head only. */
function waitIn(headers: Headers): Record<string, unknown> {
  const seconds = Number(headers.get('Retry-After') ?? Number.NaN)
  return Number.isFinite(seconds) ? { retry_after: seconds } : {}
}
