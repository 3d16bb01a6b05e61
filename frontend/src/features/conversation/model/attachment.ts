/** Files beside what is being typed: on their way, here, or refused. */
import type { Problem, StoredFile } from '@/shared/api'
import type { QuestionContent } from '@/shared/stream'

import type { AttachedPart, Part } from './message'

export const MOST_FILES = 10

export interface Attachment {
  key: string
  name: string
  size: number
  /** What the browser takes it for; the server looks for itself. */
  isPicture: boolean
  alt: string
  /** Of a file on its way: how much of it is at the server, from 0 to 1. */
  progress: number
  file: StoredFile | null
  problem: Problem | null
  /** Whether the same file may arrive when it is sent again. */
  mayRetry: boolean
}

/** As the message will show it. */
export function partOf({ file, alt }: Attachment): AttachedPart | null {
  if (file === null) return null
  const { id: file_id, name, media_type, size, width, height } = file
  const told = { file_id, name, media_type, size }
  if (file.kind === 'file' || width === null || height === null) return { type: 'file', ...told }
  return { type: 'image', ...told, width, height, ...(alt.trim() === '' ? {} : { alt: alt.trim() }) }
}

/** What a question says and shows, as it is shown itself. */
export function questionParts(text: string, parts: readonly AttachedPart[]): Part[] {
  return text.trim() === '' ? [...parts] : [{ type: 'text', text }, ...parts]
}

/** A part that came back, beside the words that did. */
export function attachmentOf(part: AttachedPart): Attachment {
  const isPicture = part.type === 'image'
  const shape = isPicture ? { width: part.width, height: part.height } : { width: null, height: null }
  const file: StoredFile = {
    id: part.file_id,
    name: part.name,
    media_type: part.media_type,
    size: part.size,
    kind: isPicture ? 'image' : 'file',
    ...shape,
    created_at: new Date().toISOString(),
    addresses: { content: '', view: null, thumbnail: null, expires_at: '' },
  }
  const alt = isPicture ? (part.alt ?? '') : ''
  return { key: part.file_id, name: part.name, size: part.size, isPicture, alt, progress: 1, file, problem: null, mayRetry: false }
}

/** What a question says and shows, as it is sent. */
export function contentOf(text: string, parts: readonly AttachedPart[]): QuestionContent {
  if (parts.length === 0) return text
  const shown = parts.map((part) => {
    const alt = part.type === 'image' ? part.alt : undefined
    return { type: 'file' as const, file_id: part.file_id, ...(alt === undefined ? {} : { alt }) }
  })
  return text.trim() === '' ? shown : [{ type: 'text', text }, ...shown]
}
