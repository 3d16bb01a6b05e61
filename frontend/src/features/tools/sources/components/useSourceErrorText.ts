import { ApiError, type Problem, useErrorText, useProblemText } from '@/shared/api'

import { refusedField, type SourceField } from '../model/refusedField'
import { SOURCE_ERROR_TEXTS } from '../model/sourceErrorTexts'

/** A sentence for what a source answered, or for why a request about it was refused. */
export function useSourceErrorText(): (error: unknown) => string {
  const errorText = useErrorText()
  const problemText = useProblemText(SOURCE_ERROR_TEXTS)
  return (error) => (isProblem(error) ? problemText(error) : errorText(error))
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
