/** A picture as large as the window, and the others of its message beside it. */
import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { ChevronLeft, ChevronRight, Download, X, ZoomIn, ZoomOut } from 'lucide-react'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'

import type { ImagePart } from '@/shared/api'
import { cx, IconButton } from '@/shared/ui'

import { fileQuery } from '../../api/files'

interface LightboxProps {
  pictures: readonly ImagePart[]
  index: number
  onIndex: (index: number) => void
  onClose: () => void
}

export default function Lightbox({ pictures, index, onIndex, onClose }: LightboxProps) {
  const { t } = useLingui()
  const dialog = useRef<HTMLDialogElement>(null)
  const [isLarge, setLarge] = useState(false)
  const picture = pictures[index]
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  if (picture === undefined) return null

  const go = (step: number) => {
    const next = index + step
    if (next < 0 || next >= pictures.length) return
    setLarge(false)
    onIndex(next)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowLeft') go(-1)
    if (event.key === 'ArrowRight') go(1)
    if (event.key === '+' || event.key === '=') setLarge(true)
    if (event.key === '-') setLarge(false)
  }
  return (
    // Escape closes a dialog by itself; the keys beside it are those of a row of pictures.
    <dialog
      ref={dialog}
      aria-label={picture.alt ?? picture.name}
      onClose={onClose}
      onKeyDown={onKeyDown}
      className="m-0 flex h-dvh max-h-none w-screen max-w-none flex-col bg-canvas text-ink backdrop:bg-canvas"
    >
      <div className="flex min-h-12 flex-none items-center gap-1 border-b border-line px-3 max-md:flex-wrap max-md:justify-end">
        {/* On a phone it has a line of its own: beside the buttons nothing of it would be left. */}
        <p dir="auto" className="line-clamp-2 min-w-0 flex-1 text-ui wrap-anywhere max-md:order-last max-md:basis-full max-md:pb-2.5">
          {picture.alt ?? picture.name}
        </p>
        {pictures.length > 1 && (
          <>
            <IconButton label={t`Picture before`} icon={<ChevronLeft />} disabled={index === 0} onClick={() => go(-1)} />
            <span className="mx-1.5 text-row text-ink-3 tabular-nums max-md:mr-auto max-md:order-first">{`${String(index + 1)} / ${String(pictures.length)}`}</span>
            <IconButton label={t`Next picture`} icon={<ChevronRight />} disabled={index === pictures.length - 1} onClick={() => go(1)} />
          </>
        )}
        <IconButton label={isLarge ? t`Fit to the window` : t`Show in full size`} icon={isLarge ? <ZoomOut /> : <ZoomIn />} onClick={() => setLarge(!isLarge)} />
        <SaveLink picture={picture} />
        <IconButton label={t`Close`} icon={<X />} onClick={() => dialog.current?.close()} />
      </div>
      {/* A press beside the picture closes, as Escape does. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events -- see above */}
      <div
        data-ground
        onClick={(event) => {
          if (event.target === event.currentTarget) dialog.current?.close()
        }}
        className={cx('min-h-0 flex-1 p-4', isLarge ? 'overflow-auto' : 'flex items-center justify-center')}
      >
        <Large picture={picture} isLarge={isLarge} />
      </div>
    </dialog>
  )
}

function SaveLink({ picture }: { picture: ImagePart }) {
  const { t } = useLingui()
  const { data } = useQuery(fileQuery(picture.file_id))
  if (data === undefined) return null
  return (
    <a href={data.addresses.content} download={picture.name} aria-label={t`Save the picture`} className="press inline-flex size-7 items-center justify-center rounded-control text-ink-2 hover:bg-hover max-md:size-11">
      <Download aria-hidden className="size-4" />
    </a>
  )
}

function Large({ picture, isLarge }: { picture: ImagePart; isLarge: boolean }) {
  const { data, refetch } = useQuery(fileQuery(picture.file_id))
  const address = isLarge ? data?.addresses.content : data?.addresses.view
  if (address == null) return null
  return (
    <img
      src={address}
      alt={picture.alt ?? picture.name}
      width={picture.width}
      height={picture.height}
      onError={() => void refetch()}
      className={isLarge ? 'max-w-none' : 'max-h-full max-w-full object-contain h-auto w-auto'}
    />
  )
}
