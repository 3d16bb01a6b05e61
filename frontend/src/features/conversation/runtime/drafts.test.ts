/** What is typed, here and on the server, over reloads of the page. */
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { access } from '@/shared/api'

import { Drafts } from './drafts'

let onServer: string
let saved: string[]

beforeEach(() => {
  localStorage.clear()
  onServer = ''
  saved = []
  const user = { id: 'me', email: 'me@example.org', name: 'Me', locale: null, time_zone: null, is_operator: false, created_at: '' }
  access.accept({ access_token: 'token', token_type: 'bearer', expires_in: 900, user })
  vi.stubGlobal('fetch', async (request: Request) => {
    if (request.method === 'PUT') {
      onServer = ((await request.json()) as { text: string }).text
      saved.push(onServer)
    }
    return Response.json({ text: onServer, updated_at: null })
  })
})

async function typeAndSave(text: string): Promise<void> {
  new Drafts().type('s', text)
  await vi.waitFor(() => expect(localStorage.getItem('coda.savedDraft.s')).toBe(text), { timeout: 5_000 })
}

describe('a draft, after a reload', () => {
  it('is gone when it was sent from elsewhere', async () => {
    await typeAndSave('One')
    onServer = ''
    const drafts = new Drafts()
    await drafts.refresh('s')
    expect(drafts.get('s')).toBe('')
    expect(localStorage.getItem('coda.savedDraft.s')).toBeNull()
  })

  it('is what was typed on another device since', async () => {
    await typeAndSave('One')
    onServer = 'One, two'
    const drafts = new Drafts()
    await drafts.refresh('s')
    expect(drafts.get('s')).toBe('One, two')
  })

  it('stays where the server never had it', async () => {
    await typeAndSave('One')
    localStorage.setItem('coda.draft.s', 'One and more')
    onServer = ''
    const drafts = new Drafts()
    await drafts.refresh('s')
    expect(drafts.get('s')).toBe('One and more')
  })

  it('leaves nothing behind once it went out', async () => {
    await typeAndSave('One')
    new Drafts().clear('s')
    await vi.waitFor(() => expect(saved).toEqual(['One', '']))
    await vi.waitFor(() => expect(Object.keys(localStorage).filter((key) => key.includes('raft'))).toEqual([]))
  })
})
