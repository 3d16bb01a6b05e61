/** What is asked faster than the server answers: all of it is kept, in its order, each once. */
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import { FakeSocket } from '@/shared/stream/testing/FakeSocket'

import { Outbox } from '../runtime/outbox'
import { message, renderConversation } from '../testing/renderConversation'

const path = [message('u', null, 'user'), message('a', 'u', 'assistant')]
const field = () => screen.findByRole('textbox', { name: 'Your question' })
const starts = (socket: FakeSocket) => socket.sent.filter(({ op }) => op === 'start')
const asked = (frame: Record<string, unknown>) => (frame.message as { id: string; content: string }).content
const queue = () => within(screen.getByRole('region', { name: 'Questions in line' }))

/** The server has the question that was sent last, below this message. */
function takes(socket: FakeSocket, above: string, answer: string): void {
  const { ref, run_id: runId, message: sent } = socket.sentLast('start')
  const { id, content } = sent as { id: string; content: string }
  const run = { id: runId, session_id: 's', message_id: answer, status: 'queued', paused: false, queue: null, pending_steers: [] }
  const question = message(id, above, 'user', { content: [{ type: 'text', text: content }] })
  const assistant = message(answer, id, 'assistant', { status: 'queued', content: [], run_id: runId as string })
  act(() => socket.say({ op: 'ack', ref, run, message: question, assistant }))
}

async function askThree() {
  const page = await renderConversation({ sessionId: 's', messages: path })
  for (const text of ['One', 'Two', 'Three']) await page.user.type(await field(), `${text}{Enter}`)
  return page
}

describe('several questions at once', () => {
  it('go out one after the other, each when the server has the one before', async () => {
    const { socket } = await askThree()
    expect(starts(socket).map(asked)).toEqual(['One'])
    expect(starts(socket)[0]).toMatchObject({ parent_id: 'a' })
    expect(queue().getAllByRole('listitem')).toHaveLength(2)

    takes(socket, 'a', 'a1')
    await waitFor(() => expect(starts(socket).map(asked)).toEqual(['One', 'Two']))
    takes(socket, 'a1', 'a2')
    await waitFor(() => expect(starts(socket).map(asked)).toEqual(['One', 'Two', 'Three']))
    // Below whatever is last when it arrives.
    expect(starts(socket)[2]).not.toHaveProperty('parent_id')
    takes(socket, 'a2', 'a3')
    await waitFor(() => expect(queue().getAllByRole('button', { name: 'Edit this question' })).toHaveLength(2))
    expect(queue().getAllByRole('listitem').map((item) => item.textContent)).toEqual(['1Two', '2Three'])
    expect(within(await screen.findByRole('log')).getAllByText('One')).toHaveLength(1)
  })

  it('are sent again under the same ids when the connection was lost, one that waits can be taken out', async () => {
    const { socket, user } = await askThree()
    const [first] = starts(socket)
    act(() => socket.lose(4408))
    expect(await queue().findAllByText('not sent yet')).toHaveLength(2)
    await user.click(queue().getAllByRole('button', { name: 'Take it out of the line' })[0] as HTMLElement)
    await waitFor(() => expect(FakeSocket.last).not.toBe(socket))
    const next = FakeSocket.last
    act(() => next.accept())
    expect(starts(next)).toEqual([first])
    takes(next, 'a', 'a1')
    await waitFor(() => expect(starts(next).map(asked)).toEqual(['One', 'Three']))
  })

  it('wait behind one that was refused, until it is taken back', async () => {
    const { socket, user } = await askThree()
    act(() => socket.say({ op: 'error', ref: socket.sentLast('start').ref, error: { code: 'runs.busy', message: 'x' } }))
    expect(await screen.findByRole('alert')).toHaveTextContent('All workers are busy')
    expect(starts(socket)).toHaveLength(1)
    await user.click(screen.getByRole('button', { name: 'Back to the composer' }))
    expect(await field()).toHaveValue('One')
    await waitFor(() => expect(starts(socket).map(asked)).toEqual(['One', 'Two']))
  })

  it('can be sent again or taken back when the answer of the server is none that can be read', async () => {
    const { socket, user } = await askThree()
    const [first] = starts(socket)
    act(() => socket.say({ op: 'ack', ref: socket.sentLast('start').ref, run: null, message: null, assistant: null }))
    expect(await screen.findByRole('alert')).toHaveTextContent('Something went wrong in the browser')
    await user.click(screen.getByRole('button', { name: 'Try again' }))
    await waitFor(() => expect(starts(socket)).toHaveLength(2))
    expect(starts(socket)[1]).toMatchObject({ run_id: first?.run_id })
    act(() => socket.say({ op: 'ack', ref: socket.sentLast('start').ref, run: null, message: null, assistant: null }))
    await user.click(await screen.findByRole('button', { name: 'Back to the composer' }))
    expect(await field()).toHaveValue('One')
    await waitFor(() => expect(starts(socket).map(asked)).toEqual(['One', 'One', 'Two']))
  })

  it('say when they may go out again after a limit, and go out then', async () => {
    const { socket, user } = await renderConversation({ sessionId: 's', messages: path })
    await user.type(await field(), 'One{Enter}')
    const details = { retry_after: 1 }
    act(() => socket.say({ op: 'error', ref: socket.sentLast('start').ref, error: { code: 'core.rate_limited', message: 'x', details } }))
    expect(await screen.findByRole('alert')).toHaveTextContent(/You can send this again at \d{1,2}:\d{2}:\d{2}.*Your words are kept/)
    expect(screen.getByRole('button', { name: 'Try again in 1 s' })).toBeDisabled()
    await user.click(await screen.findByRole('button', { name: 'Try again' }, { timeout: 4_000 }))
    await waitFor(() => expect(starts(socket).map(asked)).toEqual(['One', 'One']))
  })

  it('come back to the composer where they would be refused again, and hold up nothing', async () => {
    const { socket } = await askThree()
    act(() => socket.say({ op: 'error', ref: socket.sentLast('start').ref, error: { code: 'core.invalid_text', message: 'x' } }))
    expect(await screen.findByText(/characters that cannot be stored/)).toBeVisible()
    expect(await field()).toHaveValue('One')
    await waitFor(() => expect(starts(socket).map(asked)).toEqual(['One', 'Two']))
    expect(new Outbox().of('s').map(({ request }) => request.message?.content)).toEqual(['Two', 'Three'])
  })

  it('are not sent at all where they are too long, and say by how much', async () => {
    const { socket, user } = await renderConversation({ sessionId: 's', messages: path })
    await user.click(await field())
    await user.paste('x'.repeat(200_003))
    expect(await screen.findByText('Too long by 3 characters: a question has at most 200,000.')).toBeVisible()
    await user.keyboard('{Enter}')
    expect(starts(socket)).toEqual([])
    expect(await field()).toHaveValue('x'.repeat(200_003))
  })

  it('are no drafts any more, here, in other tabs and on the server', async () => {
    const { server, user } = await renderConversation({ sessionId: 's', messages: path })
    await user.type(await field(), 'One')
    expect(localStorage.getItem('coda.draft.s')).toBe('One')
    await user.keyboard('{Enter}')
    expect(localStorage.getItem('coda.draft.s')).toBeNull()
    // At once: a reload must not come before it.
    await waitFor(() => expect(server.calls.filter(({ method }) => method === 'PUT').at(-1)?.body).toEqual({ text: '' }))
    await user.type(await field(), 'Two')
    act(() => void window.dispatchEvent(new StorageEvent('storage', { key: 'coda.draft.s', oldValue: 'Two', newValue: null })))
    expect(await field()).toHaveValue('')
    await user.type(await field(), 'Three')
    act(() => void window.dispatchEvent(new StorageEvent('storage', { key: 'coda.draft.s', oldValue: 'Two', newValue: null })))
    expect(await field()).toHaveValue('Three')
  })

  it('are emptied on the server at once: they must not come back to whoever leaves then', async () => {
    const { server, user } = await renderConversation({ sessionId: 's', messages: path })
    await user.type(await field(), 'One')
    await user.clear(await field())
    await waitFor(() => expect(server.calls.filter(({ method }) => method === 'PUT').map(({ body }) => body)).toEqual([{ text: '' }]), { timeout: 400 })
  })

  it('wait for the input method', async () => {
    const { socket, user } = await renderConversation({ sessionId: 's', messages: path })
    await user.type(await field(), 'kanji')
    fireEvent.keyDown(await field(), { key: 'Enter', keyCode: 229 })
    expect(starts(socket)).toEqual([])
    fireEvent.keyDown(await field(), { key: 'Enter', keyCode: 13 })
    await waitFor(() => expect(starts(socket).map(asked)).toEqual(['kanji']))
  })

  it('outlive a reload of the page', async () => {
    const { socket } = await askThree()
    const reloaded = new Outbox().of('s')
    expect(reloaded.map(({ request }) => request.message?.content)).toEqual(['One', 'Two', 'Three'])
    expect(reloaded[0]?.runId).toBe(starts(socket)[0]?.run_id)
    takes(socket, 'a', 'a1')
    await waitFor(() => expect(new Outbox().of('s')).toHaveLength(2))
  })
})
