import { ApiError, useErrorText } from '@/shared/api'

import type { OptionField, Problems } from '../model/optionProblems'
import { type ConnectionField, refusedField } from '../model/refusedField'
import { useProblemText } from './advanced/useProblemText'

export type FieldErrors = Partial<Record<ConnectionField, string>>

/** What stands beside each field: what the browser sees, and what the server refused. `rest` belongs to no field. */
export function useFieldErrors(problems: Problems, error: unknown): { fields: FieldErrors; rest: string | undefined } {
  const problemText = useProblemText()
  const errorText = useErrorText()
  const fields: FieldErrors = {}
  for (const name of Object.keys(problems) as OptionField[]) fields[name] = problemText(problems[name])
  if (!error) return { fields, rest: undefined }
  const refused = error instanceof ApiError ? refusedField(error) : null
  if (refused === null) return { fields, rest: errorText(error) }
  const isToldWell = error instanceof ApiError && error.code === 'llm.connection_invalid'
  fields[refused] ??= isToldWell ? error.message : errorText(error)
  return { fields, rest: undefined }
}
