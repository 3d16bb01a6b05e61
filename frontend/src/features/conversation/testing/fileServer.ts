/** Takes files as the server does, one piece each; what a test refuses is refused. */
import type { StoredFile, Upload } from '@/shared/api'

export function refusal(status: number, code: string, details: Record<string, unknown> = {}): Response {
  return Response.json({ error: { code, message: `The server says ${code}.`, details } }, { status })
}

export function storedFile(id: string, rest: Partial<StoredFile> = {}): StoredFile {
  const addresses = { content: `/files/${id}`, view: null, thumbnail: null, expires_at: '' }
  const picture = { kind: 'image', media_type: 'image/png', width: 320, height: 200 } as const
  return { id, name: `${id}.png`, size: 4, ...picture, created_at: '', addresses, ...rest }
}

export function picture(name: string, text = 'dots'): File {
  return new File([text], name, { type: 'image/png' })
}

export class FileServer {
  /** Each call as `PUT b.png`. */
  readonly calls: string[] = []
  /** The answers to the calls that are not simply taken, each used once. */
  readonly refusals = new Map<string, Response | Promise<Response> | Error>()

  answer = (method: string, path: string, body: unknown): Response | Promise<Response> | undefined => {
    if (!path.startsWith('/api/v1/files')) return undefined
    const name = method === 'POST' ? (body as { name: string }).name : path.slice(path.lastIndexOf('/') + 1)
    const call = `${method} ${name}`
    this.calls.push(call)
    const refused = this.refusals.get(call)
    this.refusals.delete(call)
    if (refused instanceof Error) throw refused
    if (refused !== undefined) return refused
    if (method === 'DELETE') return new Response(null, { status: 204 })
    if (method === 'POST') return Response.json(this.upload(name, 0), { status: 201 })
    return Response.json(path.includes('/uploads/') ? this.upload(name, 4) : storedFile(name, { name }))
  }

  private upload(name: string, offset: number): Upload {
    return { id: name, name, size: 4, offset, expires_at: null, file: offset === 4 ? storedFile(name, { name }) : null }
  }
}
