/** The files that go out with the question, above its words. */
import { Trans, useLingui } from '@lingui/react/macro'
import { FileText, RotateCw, X } from 'lucide-react'
import type { MouseEvent } from 'react'

import { useProblemText } from '@/shared/api'
import { formatBytes } from '@/shared/lib/format'
import { cx, IconButton } from '@/shared/ui'

import type { AttachmentControls } from '../../hooks/useAttachments'
import type { Attachment } from '../../model/attachment'
import { FileName } from '../attachments/FileName'
import { StoredThumbnail } from '../attachments/StoredThumbnail'

interface TrayProps {
  attachments: AttachmentControls
  /** The last one was taken out with the keyboard, whose place is elsewhere now. */
  onEmpty: () => void
}

export default function AttachmentTray({ attachments, onEmpty }: TrayProps) {
  const { t } = useLingui()
  return (
    <ul aria-label={t`Attached files`} className="mb-2 grid max-h-[34vh] grid-cols-[repeat(auto-fill,minmax(min(100%,14rem),1fr))] gap-2 overflow-y-auto p-0.5">
      {attachments.items.map((item) => (
        <Chip key={item.key} item={item} attachments={attachments} onEmpty={onEmpty} />
      ))}
    </ul>
  )
}

function Chip({ item, attachments, onEmpty }: TrayProps & { item: Attachment }) {
  const { t } = useLingui()
  const isImage = item.file === null ? item.isPicture : item.file.kind === 'image'
  const { name } = item
  return (
    <li
      className={cx(
        'relative flex min-w-0 items-center gap-2 overflow-hidden rounded-control border bg-panel py-1.5 pr-1 pl-1.5 text-row',
        item.problem === null ? 'border-line' : 'border-danger',
      )}
    >
      <Preview item={item} isImage={isImage} />
      <div className="min-w-0 flex-1">
        <FileName name={item.name} className="text-ink" />
        <State item={item} isImage={isImage} describe={(alt) => attachments.describe(item.key, alt)} />
      </div>
      {item.mayRetry && <IconButton label={t`Try again: ${name}`} icon={<RotateCw />} onClick={() => attachments.retry(item.key)} />}
      <IconButton
        label={t`Remove ${name}`}
        icon={<X />}
        data-remove
        onClick={(event) => {
          if (isFromKeyboard(event)) moveFocus(event.currentTarget, onEmpty)
          attachments.remove(item.key)
        }}
      />
      {item.file === null && item.problem === null && <Progress item={item} />}
    </li>
  )
}

/** A press without a pointer. A finger that takes something out does not want the keyboard of the phone. */
const isFromKeyboard = ({ detail }: MouseEvent) => detail === 0

/** Before the button goes: to that of the next file, else away. */
function moveFocus(button: HTMLElement, onEmpty: () => void): void {
  const next = button.closest('li')?.nextElementSibling?.querySelector<HTMLElement>('[data-remove]')
  if (next) next.focus()
  else onEmpty()
}

function Preview({ item, isImage }: { item: Attachment; isImage: boolean }) {
  const box = cx('flex size-10 flex-none items-center justify-center overflow-hidden rounded-badge bg-sunken text-ink-3')
  if (isImage && item.file !== null) return <StoredThumbnail fileId={item.file.id} alt="" className={cx(box, 'object-cover')} />
  return (
    <span className={box}>
      <FileText aria-hidden className="size-4" />
    </span>
  )
}

function State({ item, isImage, describe }: { item: Attachment; isImage: boolean; describe: (alt: string) => void }) {
  const { t, i18n } = useLingui()
  const problemText = useProblemText()
  if (item.problem !== null) {
    return (
      <p role="alert" className="text-badge font-normal text-danger">
        {problemText(item.problem)}
      </p>
    )
  }
  const size = formatBytes(item.size, i18n.locale)
  const { name } = item
  if (item.file === null) return <p className="text-badge font-normal text-ink-3">{size}</p>
  if (!isImage) {
    return (
      <p className="text-badge font-normal text-ink-3">
        {size} · <Trans>models do not read it yet</Trans>
      </p>
    )
  }
  return (
    <input
      aria-label={t`Description of ${name}`}
      placeholder={t`Describe it (optional)`}
      value={item.alt}
      maxLength={1_000}
      onChange={(event) => describe(event.target.value)}
      className="block w-full bg-transparent text-badge font-normal text-ink-2 outline-none placeholder:text-ink-3 max-md:-my-1 max-md:min-h-11 max-md:text-prose"
    />
  )
}

function Progress({ item }: { item: Attachment }) {
  const { t } = useLingui()
  const percent = Math.round(item.progress * 100)
  const { name } = item
  return (
    <span role="progressbar" aria-label={t`Sending ${name}`} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100} className="absolute inset-x-0 bottom-0 h-0.5 bg-line">
      <span className="block h-full bg-accent transition-[width]" style={{ width: `${String(Math.max(4, percent))}%` }} />
    </span>
  )
}
