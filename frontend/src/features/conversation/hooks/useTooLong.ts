import { useLingui } from '@lingui/react/macro'

import { excessOf, LONGEST_QUESTION } from '../model/questionLength'

/** Says by how much a text is too long to be sent; null where it is not. */
export function useTooLong(text: string): string | null {
  const { t, i18n } = useLingui()
  const excess = excessOf(text)
  if (excess === 0) return null
  const by = i18n.number(excess)
  const limit = i18n.number(LONGEST_QUESTION)
  return excess === 1 ? t`Too long by one character: a question has at most ${limit}.` : t`Too long by ${by} characters: a question has at most ${limit}.`
}
