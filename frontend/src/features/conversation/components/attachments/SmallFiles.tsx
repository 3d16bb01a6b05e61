/** What a question shows, small: beside one that waits in line. */
import { FileText } from 'lucide-react'

import type { AttachedPart } from '../../model/message'
import { StoredThumbnail } from './StoredThumbnail'

export default function SmallFiles({ parts }: { parts: readonly AttachedPart[] }) {
  return (
    <span className="flex flex-none gap-1">
      {parts.map((part) =>
        part.type === 'image' ? (
          <StoredThumbnail key={part.file_id} fileId={part.file_id} alt={part.alt ?? part.name} className="size-7 rounded-badge object-cover" />
        ) : (
          <span key={part.file_id} title={part.name} className="flex size-7 items-center justify-center rounded-badge bg-sunken text-ink-3">
            <FileText aria-label={part.name} className="size-4" />
          </span>
        ),
      )}
    </span>
  )
}
