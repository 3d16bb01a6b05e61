/** How files beside what is typed are sent. Loaded with the first file. */
import { ApiError, problemOf, type Upload } from '@/shared/api'

import { abandonUpload } from '../api/files'
import { MOST_FILES, type Attachment } from '../model/attachment'
import { newId } from '../model/ids'
import type { Attachments, ChatId } from './attachments'
import { sendFile, type Sending } from './sendFile'

/** The pieces are fit, but not all of them came, or the server has no place for them any more. */
const LOST_ON_THE_WAY: ReadonlySet<string> = new Set(['files.no_file', 'files.piece_unfit', 'files.wrong_offset', 'files.upload_not_found'])
/** Timed out, or too much for now. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429])

/** Begins to send files; those that are too many are left out. Gives how many that were. */
export function addFiles(attachments: Attachments, chat: ChatId, files: readonly File[]): number {
  const room = Math.max(0, MOST_FILES - attachments.of(chat).length)
  for (const content of files.slice(0, room)) {
    const attachment = newAttachment(newId(), content)
    attachments.put(chat, [...attachments.of(chat), attachment])
    void send(attachments, attachment.key, content)
  }
  return Math.max(0, files.length - room)
}

export function retryFile(attachments: Attachments, chat: ChatId, key: string): void {
  const known = attachments.sending.get(key)
  if (known === undefined) return
  const isOver = attachments.of(chat).some((one) => one.key === key && one.problem?.code === 'files.upload_not_found')
  attachments.change(key, { problem: null, mayRetry: false, ...(isOver ? { progress: 0 } : {}) })
  void send(attachments, key, known.content, isOver ? null : known.upload)
}

/** What the server has of a file that was taken out takes no room there any more. */
export function giveUp({ upload }: Sending): void {
  if (upload !== null) void abandonUpload(upload.id).catch(() => undefined)
}

async function send(attachments: Attachments, key: string, content: File, known: Upload | null = null): Promise<void> {
  const sending: Sending = { content, abort: new AbortController(), upload: known }
  attachments.sending.set(key, sending)
  try {
    const file = await sendFile(sending, ({ offset, size }) => attachments.change(key, { progress: offset / size }))
    attachments.sending.delete(key)
    attachments.change(key, { file, progress: 1 })
  } catch (error) {
    // Taken out while the server was making room for it.
    if (sending.abort.signal.aborted) giveUp(sending)
    else if (error instanceof Error) attachments.change(key, { problem: problemOf(error), mayRetry: mayHelp(error) })
  }
}

/** Whether sending the same once more can end otherwise: what is too large or of a wrong kind stays so. */
function mayHelp(error: Error): boolean {
  if (!(error instanceof ApiError)) return false
  return error.isNetwork || error.status >= 500 || PASSING.has(error.status) || LOST_ON_THE_WAY.has(error.code)
}

function newAttachment(key: string, file: File): Attachment {
  const isPicture = /^image\/(png|jpeg|webp|gif|bmp|avif)$/.test(file.type)
  return { key, name: file.name, size: file.size, isPicture, alt: '', progress: 0, file: null, problem: null, mayRetry: false }
}
