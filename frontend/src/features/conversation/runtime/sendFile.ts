/** Sends one file, piece by piece, over broken connections too. Loaded with the first file. */
import { ApiError, type StoredFile, type Upload } from '@/shared/api'

import { beginUpload, readUpload, sendPiece } from '../api/files'

const RETRY_MS = 2_000

export interface Sending {
  content: File
  abort: AbortController
  upload: Upload | null
}

/** The file, once the server has it. Throws what it refuses, what cannot be read here, and an abort. */
export async function sendFile(sending: Sending, onProgress: (upload: Upload) => void): Promise<StoredFile> {
  for (;;) {
    try {
      return await sendOn(sending, onProgress)
    } catch (error) {
      const isPassing = error instanceof ApiError && (error.isNetwork || error.code === 'files.wrong_offset')
      if (sending.abort.signal.aborted || !isPassing) throw error
      await checkReadable(sending.content)
      await untilOnline()
      sending.upload = sending.upload && (await readUpload(sending.upload.id).catch(() => sending.upload))
    }
  }
}

async function sendOn(sending: Sending, onProgress: (upload: Upload) => void): Promise<StoredFile> {
  sending.upload ??= await beginUpload(sending.content)
  while (sending.upload.file === null) {
    sending.upload = await sendPiece(sending.upload, sending.content, sending.abort.signal)
    onProgress(sending.upload)
  }
  return sending.upload.file
}

/** A folder, or a file that was changed or moved since it was chosen, fails like a lost connection, and for ever. */
async function checkReadable(content: File): Promise<void> {
  await content.slice(0, 1).arrayBuffer().catch(() => {
    throw new ApiError(0, 'unreadable', '')
  })
}

/** The connection may be back sooner than the browser says. */
function untilOnline(): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      window.removeEventListener('online', done)
      resolve()
    }
    const timer = setTimeout(done, RETRY_MS)
    window.addEventListener('online', done)
  })
}
