import { useLingui } from '@lingui/react/macro'
import { useMemo, useSyncExternalStore } from 'react'

import { toasts } from '@/shared/ui'

import { MOST_FILES, partOf, type Attachment } from '../model/attachment'
import type { AttachedPart } from '../model/message'
import { useRuntime } from './useRuntime'

const actions = () => import('../runtime/attachmentActions')

export interface AttachmentControls {
  items: readonly Attachment[]
  /** Those that are here, as the message will show them. */
  parts: readonly AttachedPart[]
  isOnItsWay: boolean
  /** The first that did not arrive: nothing is sent without it unasked. */
  failed: Attachment | null
  add: (files: readonly File[]) => void
  remove: (key: string) => void
  retry: (key: string) => void
  describe: (key: string, alt: string) => void
  clear: () => void
}

/** The files beside what is typed in a chat; of the one that has not begun where there is no id. */
export function useAttachments(chat: string | null): AttachmentControls {
  const { t } = useLingui()
  const { attachments } = useRuntime()
  const items = useSyncExternalStore(attachments.subscribe, () => attachments.of(chat))
  return useMemo(
    () => ({
      items,
      parts: items.map(partOf).filter((part) => part !== null),
      isOnItsWay: items.some(({ file, problem }) => file === null && problem === null),
      failed: items.find(({ problem }) => problem !== null) ?? null,
      add: (files) =>
        void actions().then(({ addFiles }) => {
          if (addFiles(attachments, chat, files) > 0) toasts.show({ text: t`A question takes at most ${MOST_FILES} files. The others were left out.` })
        }),
      remove: (key) => {
        const left = attachments.remove(chat, key)
        if (left !== undefined) void actions().then(({ giveUp }) => giveUp(left))
      },
      retry: (key) => void actions().then(({ retryFile }) => retryFile(attachments, chat, key)),
      describe: (key, alt) => attachments.change(key, { alt }),
      clear: () => attachments.clear(chat),
    }),
    [attachments, chat, items, t],
  )
}
