/** What a question shows: pictures as a grid that opens them large, other files as rows to be saved. */
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Download, FileText, ImageOff } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'

import type { FilePart, ImagePart } from '@/shared/api'
import { ApiError } from '@/shared/api'
import { formatBytes } from '@/shared/lib/format'
import { cx } from '@/shared/ui'

import { fileQuery } from '../../api/files'
import { attachedParts, type Message } from '../../model/message'
import { FileName } from './FileName'
import { StoredThumbnail } from './StoredThumbnail'

const Lightbox = lazy(() => import('./Lightbox'))

export default function Attachments({ message }: { message: Message }) {
  const [shown, setShown] = useState<number | null>(null)
  const parts = attachedParts(message)
  const pictures = parts.filter((part): part is ImagePart => part.type === 'image')
  const files = parts.filter((part): part is FilePart => part.type === 'file')
  return (
    <div className="mb-1.5 flex max-w-[592px] flex-col gap-1.5">
      {pictures.length > 0 && (
        <ul className="flex flex-wrap gap-1.5">
          {pictures.map((picture, index) => (
            <li key={picture.file_id} className="max-w-full">
              <Thumbnail picture={picture} isAlone={pictures.length === 1} onOpen={() => setShown(index)} />
            </li>
          ))}
        </ul>
      )}
      {files.map((file) => (
        <FileRow key={file.file_id} file={file} />
      ))}
      {shown !== null && (
        <Suspense>
          <Lightbox pictures={pictures} index={shown} onIndex={setShown} onClose={() => setShown(null)} />
        </Suspense>
      )}
    </div>
  )
}

const isGone = (error: Error | null) => error instanceof ApiError && (error.status === 410 || error.status === 404)

function Thumbnail({ picture, isAlone, onOpen }: { picture: ImagePart; isAlone: boolean; onOpen: () => void }) {
  const { t } = useLingui()
  const { error } = useQuery(fileQuery(picture.file_id))
  const height = isAlone ? 220 : 112
  const ratio = Math.min(2.4, Math.max(0.5, picture.width / picture.height))
  // The room is known before the picture is here: nothing jumps.
  const room = { height, width: Math.round(height * ratio) }
  if (isGone(error)) {
    return (
      <div style={room} className="flex max-w-full flex-col items-center justify-center gap-1 rounded-code bg-sunken p-2 text-center text-badge font-normal text-ink-3">
        <ImageOff aria-hidden className="size-4" />
        <Trans>Deleted</Trans>
      </div>
    )
  }
  const name = picture.alt ?? picture.name
  return (
    <button type="button" onClick={onOpen} style={room} aria-label={t`Open the picture ${name}`} className="press block max-w-full overflow-hidden rounded-code border border-line bg-sunken">
      <StoredThumbnail fileId={picture.file_id} alt={name} className="block size-full object-cover" />
    </button>
  )
}

function FileRow({ file }: { file: FilePart }) {
  const { t, i18n } = useLingui()
  const { data, error } = useQuery(fileQuery(file.file_id))
  const isDeleted = isGone(error)
  const { name } = file
  const row = cx('flex w-fit max-w-full items-center gap-2 rounded-code border border-line bg-panel px-3 py-2 text-row max-md:min-h-11')
  const words = (
    <>
      <FileText aria-hidden className="size-4 flex-none text-ink-3" />
      <span className="flex min-w-0 flex-1 items-baseline gap-x-2 max-md:flex-col">
        <FileName name={file.name} className={cx('max-w-full', isDeleted && 'line-through')} />
        <span className="flex-none text-ink-3">
        {isDeleted ? <Trans>deleted</Trans> : formatBytes(file.size, i18n.locale)}
        {!isDeleted && (
          <>
            {' · '}
            <Trans>attached, not read</Trans>
          </>
        )}
        </span>
      </span>
    </>
  )
  if (data === undefined) return <div className={row}>{words}</div>
  return (
    <a href={data.addresses.content} download={file.name} aria-label={t`Save ${name}`} className={cx(row, 'press hover:bg-hover')}>
      {words}
      <Download aria-hidden className="size-4 flex-none text-ink-3" />
    </a>
  )
}
