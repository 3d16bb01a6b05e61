/** Earlier messages that do not come: they are not asked for without end, and the person hears of it. */
import { act, fireEvent, screen, waitFor } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'

import { toasts } from '@/shared/ui'

import { message, renderConversation } from '../testing/renderConversation'

const newest = [message('u2', 'a1', 'user'), message('a2', 'u2', 'assistant')]
const older = [message('u1', null, 'user'), message('a1', 'u1', 'assistant')]

/** A chat whose older page comes only while `isUp`. */
async function openChat() {
  const state = { isUp: false, asked: 0 }
  const page = await renderConversation({
    sessionId: 's',
    answer: (_method, path, _body, query) => {
      if (!path.endsWith('/messages')) return undefined
      if (query.get('before') === null) return Response.json({ items: newest, next_cursor: 'older' })
      state.asked += 1
      return state.isUp ? Response.json({ items: older, next_cursor: null }) : Response.json({}, { status: 500 })
    },
  })
  await screen.findByText('Words of u2')
  return { ...page, state }
}

describe('earlier messages that cannot be read', () => {
  it('are asked for once, and again when the person says so', async () => {
    const { state, user } = await openChat()
    expect(await screen.findByRole('alert')).toHaveTextContent('Earlier messages could not be read.')
    expect(state.asked).toBe(1)
    state.isUp = true
    await user.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByText('Words of u1')).toBeInTheDocument()
    expect(screen.queryByRole('alert')).toBeNull()
    expect(state.asked).toBe(2)
  })

  it('are told of instead of being printed without', async () => {
    const print = vi.fn()
    vi.stubGlobal('print', print)
    const { state } = await openChat()
    await screen.findByRole('alert')
    fireEvent.keyDown(window, { key: 'p', ctrlKey: true })
    await waitFor(() => expect(toasts.get().map(({ text }) => text)).toEqual(['Nothing was printed: earlier messages could not be read. Try again.']))
    expect(state.asked).toBe(2)
    expect(print).not.toHaveBeenCalled()
    state.isUp = true
    fireEvent.keyDown(window, { key: 'p', ctrlKey: true })
    await waitFor(() => expect(print).toHaveBeenCalledOnce())
    expect(state.asked).toBe(3)
  })

  it('are said to be left out on paper that the menu of the browser prints', async () => {
    await openChat()
    await screen.findByRole('alert')
    act(() => void window.dispatchEvent(new Event('beforeprint')))
    expect(screen.getByText(/^The beginning is left out/)).toBeInTheDocument()
    act(() => void window.dispatchEvent(new Event('afterprint')))
    expect(screen.queryByText(/^The beginning is left out/)).toBeNull()
  })
})
