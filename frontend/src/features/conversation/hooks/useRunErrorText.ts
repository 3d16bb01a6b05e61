/** Our own sentence for a refusal or a failure by its code, else the server's. */
import { useLingui } from '@lingui/react/macro'

import { ApiError, useErrorText } from '@/shared/api'

import { RUN_ERROR_TEXTS } from '../model/runErrorTexts'

export function useRunErrorText(): (code: string, message: string) => string {
  const { i18n } = useLingui()
  const errorText = useErrorText()
  return (code, message) => {
    const known = RUN_ERROR_TEXTS[code]
    return known ? i18n._(known) : errorText(new ApiError(0, code, message))
  }
}
