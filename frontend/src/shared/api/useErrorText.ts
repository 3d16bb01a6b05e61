/** A sentence for an error: ours where we know the code, else the server's. One that passes says when. */
import type { MessageDescriptor } from '@lingui/core'
import { useLingui } from '@lingui/react/macro'

import { formatBytes } from '../lib/format'
import { formatRetryTime } from '../lib/retryTime'
import { ApiError, problemOf } from './errors'
import { ERROR_TEXTS, RETRY_TEXTS } from './errorTexts'

/** What a sentence is made of, whichever way a refusal came. */
export interface Problem {
  code: string
  message: string
  status?: number
  retryAt?: number | null
  details?: Record<string, unknown>
}

export function useErrorText(): (error: unknown) => string {
  const problemText = useProblemText()
  return (error) => problemText(error instanceof ApiError ? error : problemOf(error))
}

/** `own`: texts that only one feature knows. */
export function useProblemText(own: Record<string, MessageDescriptor> = {}): (problem: Problem) => string {
  const { t, i18n } = useLingui()
  const lasting = ({ code, message, status, details }: Problem) => {
    const known = own[code] ?? ERROR_TEXTS[code]
    if (known) return i18n._({ ...known, values: { message, limit: formatBytes(Number(details?.['limit'] ?? 0), i18n.locale) } })
    if (status === 429) return t`Too many attempts. Wait a minute and try again.`
    return message || t`The server answered with an error (${code}). Try again.`
  }
  return (problem) => {
    const { code, status, retryAt } = problem
    if (retryAt == null) return lasting(problem)
    const time = formatRetryTime(retryAt, i18n.locale)
    const timed = RETRY_TEXTS[code] ?? (status === 429 ? RETRY_TEXTS['core.too_many_attempts'] : undefined)
    return timed ? i18n._({ ...timed, values: { time } }) : lasting(problem)
  }
}
