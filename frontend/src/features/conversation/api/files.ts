/** Files: sent in pieces, so that a broken connection costs one piece, and read by addresses that last some minutes. */
import { queryOptions } from '@tanstack/react-query'

import { api, ApiError, authorizedFetch, toApiError, unwrap, type StoredFile, type Upload } from '@/shared/api'

const PIECE_BYTES = 2 * 1024 * 1024
/** Addresses are good for at least five minutes. */
const FRESH_MS = 4 * 60_000

export const fileKeys = { one: (id: string) => ['files', id] as const }

export function fileQuery(id: string) {
  return queryOptions({
    queryKey: fileKeys.one(id),
    queryFn: () => unwrap<StoredFile>(api.GET('/api/v1/files/{file_id}', { params: { path: { file_id: id } } })),
    staleTime: FRESH_MS,
    retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
  })
}

export function beginUpload(file: File): Promise<Upload> {
  return unwrap(api.POST('/api/v1/files', { body: { name: file.name, size: file.size } })) as Promise<Upload>
}

/** The next piece; after the last one the answer holds the file. */
export async function sendPiece(upload: Upload, content: Blob, signal: AbortSignal): Promise<Upload> {
  const piece = content.slice(upload.offset, upload.offset + PIECE_BYTES)
  const request = new Request(`${location.origin}/api/v1/files/uploads/${upload.id}?offset=${String(upload.offset)}`, {
    method: 'PUT',
    body: piece,
    headers: { 'Content-Type': 'application/octet-stream' },
    signal,
  })
  const response = await authorizedFetch(request)
  const answer: unknown = await response.json().catch(() => null)
  if (!response.ok) throw toApiError(response, answer)
  return answer as Upload
}

/** How far it is, for whoever comes back. */
export function readUpload(id: string): Promise<Upload> {
  return unwrap<Upload>(api.GET('/api/v1/files/uploads/{upload_id}', { params: { path: { upload_id: id } } }))
}

export async function abandonUpload(id: string): Promise<void> {
  await unwrap(api.DELETE('/api/v1/files/uploads/{upload_id}', { params: { path: { upload_id: id } } }))
}
