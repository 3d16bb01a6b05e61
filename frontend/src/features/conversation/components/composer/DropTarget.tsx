/** Over the chat while files are dragged over the window. */
import { Trans } from '@lingui/react/macro'
import { Paperclip } from 'lucide-react'
import { createPortal } from 'react-dom'

import { useFileDrop } from '../../hooks/useFileDrop'

export default function DropTarget({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const isOver = useFileDrop(onFiles)
  // What is dropped anywhere goes to this chat: only it is marked.
  const chat = isOver ? document.getElementById('main') : null
  if (chat === null) return null
  return createPortal(
    <div data-testid="drop" className="pointer-events-none absolute inset-0 z-50 flex items-center justify-center bg-accent-soft/90">
      <p className="flex items-center gap-2 text-ui font-medium text-accent">
        <Paperclip aria-hidden className="size-4" />
        <Trans>Drop files to attach them</Trans>
      </p>
    </div>,
    chat,
  )
}
