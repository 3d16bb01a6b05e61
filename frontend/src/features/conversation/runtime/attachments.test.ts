/** Files on their way: sent in pieces, refused, sent again, taken out. */
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { access } from '@/shared/api'

import { MOST_FILES, partOf, type Attachment } from '../model/attachment'
import { FileServer, picture, refusal } from '../testing/fileServer'
import { addFiles, giveUp, retryFile } from './attachmentActions'
import { Attachments } from './attachments'

let server: FileServer
let attachments: Attachments

beforeEach(() => {
  localStorage.clear()
  server = new FileServer()
  attachments = new Attachments()
  const user = { id: 'me', email: 'me@example.org', name: 'Me', locale: null, time_zone: null, is_operator: false, created_at: '' }
  access.accept({ access_token: 'token', token_type: 'bearer', expires_in: 900, user })
  vi.stubGlobal('fetch', async (request: Request) => {
    const isJson = request.headers.get('Content-Type')?.includes('json') ?? false
    const body: unknown = isJson ? await request.json() : null
    const answer = await server.answer(request.method, new URL(request.url).pathname, body)
    if (request.signal.aborted) throw new DOMException('', 'AbortError')
    return answer ?? Response.json({})
  })
})

const only = (): Attachment => attachments.of('s')[0] as Attachment
const ended = () => vi.waitFor(() => expect(only().file ?? only().problem).not.toBeNull())

async function attachTo(chat: string): Promise<Attachment> {
  addFiles(attachments, chat, [picture('back.png')])
  await vi.waitFor(() => expect(attachments.of(chat)[0]?.file).not.toBeNull())
  return attachments.of(chat)[0] as Attachment
}

async function attach(name = 'a.png'): Promise<Attachment> {
  addFiles(attachments, 's', [picture(name)])
  await ended()
  return only()
}

describe('Attachments', () => {
  it('takes a change at once: no letter that is typed fast is lost', async () => {
    const { key } = await attach()
    for (const letter of 'A wall') attachments.change(key, { alt: only().alt + letter })
    expect(only().alt).toBe('A wall')
  })

  it('keeps what has arrived over a reload, with its description, and nothing else', async () => {
    const { key } = await attach()
    attachments.change(key, { alt: 'A wall' })
    server.refusals.set('POST b.png', refusal(413, 'files.too_large'))
    addFiles(attachments, 's', [picture('b.png')])
    await vi.waitFor(() => expect(attachments.of('s')[1]?.problem).not.toBeNull())
    expect(new Attachments().of('s').map(({ name, alt }) => [name, alt])).toEqual([['a.png', 'A wall']])
    attachments.clear('s')
    expect(new Attachments().of('s')).toEqual([])
  })

  it('follows a file on its way to where its chat gives it', async () => {
    addFiles(attachments, 's', [picture('a.png')])
    attachments.restore(null, attachments.of('s'))
    attachments.clear('s')
    await vi.waitFor(() => expect(attachments.of(null)[0]?.file?.name).toBe('a.png'))
    expect(attachments.of('s')).toEqual([])
  })

  it('takes back what a question showed before what was attached since', async () => {
    const first = await attach()
    attachments.clear('s')
    addFiles(attachments, 's', [picture('b.png')])
    attachments.restore('s', [first])
    expect(attachments.of('s').map(({ name }) => name)).toEqual(['a.png', 'b.png'])
  })

  it('drops none of what comes back, however many were attached since', async () => {
    const files = Array.from({ length: MOST_FILES }, (_, index) => picture(`${String(index)}.png`))
    addFiles(attachments, 's', files)
    const back = await attachTo('t')
    attachments.restore('s', [back])
    expect(attachments.of('s')).toHaveLength(MOST_FILES + 1)
    await vi.waitFor(() => expect(attachments.of('s').every(({ file }) => file !== null)).toBe(true))
    expect(attachments.sending.size).toBe(0)
  })

  it('holds each chat\'s apart', async () => {
    await attach()
    expect(attachments.of(null)).toEqual([])
    expect(attachments.of('t')).toEqual([])
  })
})

describe('a file that is sent', () => {
  it('is there when its last piece is', async () => {
    const { file, progress } = await attach()
    expect(file?.id).toBe('a.png')
    expect(progress).toBe(1)
    expect(partOf(only())).toMatchObject({ type: 'image', file_id: 'a.png' })
    expect(server.calls).toEqual(['POST a.png', 'PUT a.png'])
  })

  it('may be sent again after trouble on the way, and goes on where it was', async () => {
    server.refusals.set('PUT a.png', refusal(503, 'files.store_unavailable'))
    const { key, mayRetry, problem } = await attach()
    expect(problem?.code).toBe('files.store_unavailable')
    expect(mayRetry).toBe(true)
    retryFile(attachments, 's', key)
    expect(only()).toMatchObject({ problem: null, mayRetry: false })
    await ended()
    expect(only().file?.id).toBe('a.png')
    expect(server.calls).toEqual(['POST a.png', 'PUT a.png', 'PUT a.png'])
  })

  it('begins anew where the server has given it up', async () => {
    server.refusals.set('PUT a.png', refusal(404, 'files.upload_not_found'))
    const { key } = await attach()
    retryFile(attachments, 's', key)
    await ended()
    expect(server.calls).toEqual(['POST a.png', 'PUT a.png', 'POST a.png', 'PUT a.png'])
  })

  it.each([
    ['POST', 413, 'files.too_large'],
    ['POST', 413, 'files.storage_full'],
    ['POST', 422, 'files.empty'],
    ['PUT', 422, 'files.picture_unreadable'],
    ['PUT', 413, 'files.picture_too_large'],
  ])('is not offered again where that would end alike: %s %i %s', async (method, status, code) => {
    server.refusals.set(`${method} a.png`, refusal(status, code))
    expect(await attach()).toMatchObject({ problem: { code }, mayRetry: false })
  })

  it.each([
    ['POST', 500, 'core.internal'],
    ['POST', 429, 'core.rate_limited'],
    ['PUT', 422, 'files.piece_unfit'],
  ])('is offered again where it may pass: %s %i %s', async (method, status, code) => {
    server.refusals.set(`${method} a.png`, refusal(status, code))
    expect(await attach()).toMatchObject({ problem: { code }, mayRetry: true })
  })

  it('that cannot be read, as a folder or one that was moved, ends instead of being tried for ever', async () => {
    const moved = picture('a.png')
    moved.slice = () => Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new DOMException('', 'NotReadableError')) })
    server.refusals.set('PUT a.png', new TypeError('Failed to fetch'))
    addFiles(attachments, 's', [moved])
    await ended()
    expect(only()).toMatchObject({ problem: { code: 'unreadable' }, mayRetry: false })
  })

  it('is given up at the server too when it is taken out on its way', async () => {
    let arrive: (response: Response) => void = () => undefined
    server.refusals.set('PUT a.png', new Promise((resolve) => (arrive = resolve)))
    addFiles(attachments, 's', [picture('a.png')])
    await vi.waitFor(() => expect(server.calls).toContain('PUT a.png'))
    const left = attachments.remove('s', only().key)
    expect(attachments.of('s')).toEqual([])
    expect(left?.abort.signal.aborted).toBe(true)
    arrive(Response.json({}))
    await vi.waitFor(() => expect(server.calls).toContain('DELETE a.png'))
  })

  it('is given up when it had failed before', async () => {
    server.refusals.set('PUT a.png', refusal(422, 'files.picture_unreadable'))
    const { key } = await attach()
    const left = attachments.remove('s', key)
    if (left !== undefined) giveUp(left)
    await vi.waitFor(() => expect(server.calls).toContain('DELETE a.png'))
  })

  it('is left out where there are as many as a question takes', () => {
    const many = Array.from({ length: MOST_FILES + 2 }, (_, index) => picture(`${String(index)}.png`))
    expect(addFiles(attachments, 's', many)).toBe(2)
    expect(attachments.of('s')).toHaveLength(MOST_FILES)
    expect(addFiles(attachments, 's', [picture('more.png')])).toBe(1)
  })
})
