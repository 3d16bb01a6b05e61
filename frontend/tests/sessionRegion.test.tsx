/** Chats while their list is folded away, and the list while the window changes its width. */
import { act, screen, waitFor } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { session } from './testing/fixtureData'
import { renderApp } from './testing/renderApp'

const WIDE = 1440
const PHONE = 390

afterEach(() => {
  vi.unstubAllGlobals()
  localStorage.clear()
})

/** A window whose width can be changed; jsdom has none. */
function openWindow() {
  let width = WIDE
  const listeners = new Set<() => void>()
  const matches = (query: string) => {
    const [, sign, bound] = /width (<|>=) (\d+)px/.exec(query) ?? []
    return sign !== undefined && (sign === '<' ? width < Number(bound) : width >= Number(bound))
  }
  vi.stubGlobal('matchMedia', (media: string) => ({
    matches: matches(media),
    media,
    addEventListener: (_type: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_type: string, listener: () => void) => listeners.delete(listener),
  }))
  return (next: number) =>
    act(() => {
      width = next
      for (const listener of listeners) listener()
    })
}

describe('the chat list', () => {
  it('is there again once the window is wide again', async () => {
    const resize = openWindow()
    await renderApp('/')
    await screen.findByRole('navigation', { name: 'Chats' })

    resize(PHONE)
    await waitFor(() => expect(screen.queryByRole('navigation', { name: 'Chats' })).not.toBeInTheDocument())
    resize(WIDE)

    expect(await screen.findByRole('navigation', { name: 'Chats' })).toBeVisible()
  })

  it('shows no answer as new that was read while it was folded away', async () => {
    localStorage.setItem('coda.sessions.open', 'false')
    const updated_at = new Date(Date.now() + 60_000).toISOString()
    const read = session({ title: 'Read here', run_status: 'done', updated_at })
    const other = session({ title: 'Not read', run_status: 'done', updated_at })
    const { user } = await renderApp(`/chat/${read.id}`, { sessions: [read, other] })
    await screen.findByRole('heading', { name: 'Read here' })

    await user.click(await screen.findByRole('button', { name: 'New chat' }))
    await user.click(await screen.findByRole('button', { name: 'Show chats' }))

    expect(await screen.findByRole('link', { name: 'Not read New answer' })).toBeVisible()
    expect(screen.getByRole('link', { name: 'Read here' })).toBeVisible()
  })
})
