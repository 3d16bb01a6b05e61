/** A sentence for an error: ours where we know the code, else the server's. */
import { useLingui } from '@lingui/react/macro'

import { ApiError } from './errors'
import { ERROR_TEXTS } from './errorTexts'

export function useErrorText(): (error: unknown) => string {
  const { t, i18n } = useLingui()
  return (error) => {
    if (!(error instanceof ApiError)) return t`Something went wrong in the browser. Load the page again.`
    const { code, status, message } = error
    const known = ERROR_TEXTS[code]
    if (known) return i18n._({ ...known, values: { message } })
    if (status === 429) return t`Too many attempts. Wait a minute and try again.`
    if (message) return message
    return t`The server answered with an error (${code}). Try again.`
  }
}
