import { useLingui } from '@lingui/react/macro'

import type { Problem } from '@/shared/api'

import { MOST_FILES } from '../model/attachment'
import type { AttachmentControls } from './useAttachments'
import { useRunErrorText } from './useRunErrorText'
import { useTooLong } from './useTooLong'

export interface ComposerProblem {
  /** The sentence below the field. */
  text: string | null
  hasContent: boolean
  /** Nothing goes out until it is put right. */
  isBlocked: boolean
}

/** What keeps a question from being sent, or has kept it. */
export function useComposerProblem(words: string, { items, failed, parts }: AttachmentControls, refusal: Problem | null): ComposerProblem {
  const { t } = useLingui()
  const errorText = useRunErrorText()
  const tooLong = useTooLong(words)
  const hasContent = words !== '' || parts.length > 0
  if (tooLong !== null) return { text: tooLong, hasContent: false, isBlocked: true }
  if (failed !== null) {
    const { name } = failed
    return { text: hasContent ? t`${name} did not arrive. Remove it to send the rest.` : null, hasContent, isBlocked: true }
  }
  const excess = items.length - MOST_FILES
  if (excess > 0) return { text: t`A question takes at most ${MOST_FILES} files: remove ${excess} to send it.`, hasContent, isBlocked: true }
  return { text: refusal === null ? null : errorText(refusal), hasContent, isBlocked: false }
}
