/** What the API says when it refuses, as one class that the screen can match on by code. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** Stable, such as `conversations.session_not_found`; `network` where no answer came. */
  readonly code: string
  readonly details: Record<string, unknown>

  constructor(status: number, code: string, message: string, details: Record<string, unknown> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.details = details
  }

  get isNetwork(): boolean {
    return this.code === 'network'
  }

  get isSignedOut(): boolean {
    return this.status === 401
  }
}

/** The code of a refusal, whichever way it came: as an answer over HTTP or as a frame of the socket. */
export function errorCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'network'
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
export function toApiError(status: number, body: unknown): ApiError {
  if (isEnvelope(body)) return new ApiError(status, body.error.code, body.error.message, body.error.details)
  return new ApiError(status, `http.${status}`, '')
}
