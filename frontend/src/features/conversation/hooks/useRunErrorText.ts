/** Our own sentence for a refusal or a failure by its code, else the server's. */
import { type Problem, useProblemText } from '@/shared/api'

import { RUN_ERROR_TEXTS } from '../model/runErrorTexts'

export function useRunErrorText(): (problem: Problem) => string {
  return useProblemText(RUN_ERROR_TEXTS)
}
