import { ApiError, type Problem, useErrorText, useProblemText } from '@/shared/api'

import { refusedField, type SourceField } from '../model/refusedField'
import { SOURCE_ERROR_TEXTS } from '../model/sourceErrorTexts'

/** Their sentences say first that it is the server that speaks, as ours do. */
const TOLD_BY_SERVER = ['tools.source_unreachable', 'tools.source_refused']

/** A sentence for what a source answered, or for why a request about it was refused. */
export function useSourceErrorText(): (error: unknown) => string {
  const errorText = useErrorText()
  const problemText = useProblemText(SOURCE_ERROR_TEXTS)
  return (error) => {
    if (!isProblem(error)) return errorText(error)
    const isTold = TOLD_BY_SERVER.includes(error.code)
    const words = isTold ? error.message.slice(error.message.indexOf(': ') + 1).trim() : error.message
    return problemText({ code: error.code, message: isTold ? words.replace(/\.$/, '') : words, status: error.status, retryAt: error.retryAt, details: error.details })
  }
}

function isProblem(error: unknown): error is Problem {
  return error instanceof ApiError || (typeof error === 'object' && error !== null && !(error instanceof Error) && 'code' in error && 'message' in error)
}

export type SourceFieldErrors = Partial<Record<SourceField, string>>

/** What stands beside each field; `rest` belongs to none. */
export function useSourceFieldErrors(error: unknown): { fields: SourceFieldErrors; rest: string | undefined } {
  const errorText = useSourceErrorText()
  if (!error) return { fields: {}, rest: undefined }
  const field = error instanceof ApiError ? refusedField(error) : null
  return field === null ? { fields: {}, rest: errorText(error) } : { fields: { [field]: errorText(error) }, rest: undefined }
}
