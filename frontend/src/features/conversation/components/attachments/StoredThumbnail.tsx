/** A small picture by its file's id. Addresses last some minutes: one that has expired is asked for again. */
import { useQuery } from '@tanstack/react-query'

import { cx } from '@/shared/ui'

import { fileQuery } from '../../api/files'

export function StoredThumbnail({ fileId, alt, className }: { fileId: string; alt: string; className?: string }) {
  const { data, refetch } = useQuery(fileQuery(fileId))
  const address = data?.addresses.thumbnail
  if (address == null) return <span className={cx('bg-sunken', className)} />
  return <img src={address} alt={alt} loading="lazy" decoding="async" onError={() => void refetch()} className={className} />
}
