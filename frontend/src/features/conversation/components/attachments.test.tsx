/** Files beside a question, as the person who attaches them meets them. */
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import type { FakeSocket } from '@/shared/stream/testing/FakeSocket'

import { FileServer, picture, refusal } from '../testing/fileServer'
import { message, renderConversation } from '../testing/renderConversation'

const path = [message('u', null, 'user'), message('a', 'u', 'assistant', { model: 'one/a' })]
const field = () => screen.getByRole('textbox', { name: 'Your question' })
const tray = () => screen.findByRole('list', { name: 'Attached files' })
const starts = (socket: FakeSocket) => socket.sent.filter(({ op }) => op === 'start')
const removeButton = (name: string) => screen.findByRole('button', { name: `Remove ${name}` })
const model = () => screen.getByRole('combobox', { name: 'Model' })
const send = () => screen.getByRole('button', { name: 'Send' })

async function open({ sessionId = 's', refused = {} }: { sessionId?: string | null; refused?: Record<string, Response | Promise<Response>> } = {}) {
  const files = new FileServer()
  for (const [call, answer] of Object.entries(refused)) files.refusals.set(call, answer)
  const page = await renderConversation({ ...(sessionId === null ? {} : { sessionId }), messages: sessionId === null ? [] : path, answer: files.answer })
  await waitFor(() => expect(field()).toBeInTheDocument())
  return { ...page, files }
}

function attach(...names: string[]): void {
  fireEvent.change(screen.getByTestId('attach'), { target: { files: names.map((name) => picture(name)) } })
}

const refuse = (socket: FakeSocket, code: string, details = {}) =>
  act(() => socket.say({ op: 'error', ref: socket.sentLast('start').ref, error: { code, message: 'x', details } }))

describe('files in the composer', () => {
  it('go out with the words, described letter by letter', async () => {
    const { user, socket } = await open()
    attach('wall.png')
    await user.type(await screen.findByRole('textbox', { name: 'Description of wall.png' }), 'A wall of bricks')
    await user.type(field(), 'What is it?{Enter}')
    expect(starts(socket)[0]?.message).toMatchObject({
      content: [{ type: 'text', text: 'What is it?' }, { type: 'file', file_id: 'wall.png', alt: 'A wall of bricks' }],
    })
    expect(screen.queryByRole('list', { name: 'Attached files' })).not.toBeInTheDocument()
  })

  it('hold the question while they are on their way', async () => {
    let arrive: () => void = () => undefined
    const { user, socket, files } = await open({
      refused: { 'PUT wall.png': new Promise((resolve) => { arrive = () => resolve(refusal(503, 'files.store_unavailable')) }) },
    })
    attach('wall.png')
    await tray()
    await user.type(field(), 'What is it?{Enter}')
    expect(send()).toHaveAttribute('aria-busy', 'true')
    // It fails: what was held does not go out without it, then or later.
    act(() => arrive())
    await user.click(await screen.findByRole('button', { name: 'Try again: wall.png' }))
    await waitFor(() => expect(files.calls.filter((call) => call === 'PUT wall.png')).toHaveLength(2))
    await screen.findByRole('textbox', { name: 'Description of wall.png' })
    expect(send()).not.toHaveAttribute('aria-busy')
    expect(starts(socket)).toEqual([])
    await user.click(send())
    expect(starts(socket)).toHaveLength(1)
  })

  it('keep the rest from being sent without one that did not arrive', async () => {
    const { user, socket } = await open({ refused: { 'POST big.png': refusal(413, 'files.too_large') } })
    attach('wall.png', 'big.png')
    await user.type(field(), 'What is it?{Enter}')
    expect(await screen.findByText('big.png did not arrive. Remove it to send the rest.')).toBeVisible()
    expect(send()).toHaveAttribute('aria-disabled', 'true')
    await user.click(send())
    expect(starts(socket)).toEqual([])
    expect(screen.queryByRole('button', { name: 'Try again: big.png' })).not.toBeInTheDocument()

    await user.click(await removeButton('big.png'))
    expect(screen.queryByText(/did not arrive/)).not.toBeInTheDocument()
    await user.click(send())
    expect(starts(socket)).toHaveLength(1)
  })

  it('stay when more come back than a question takes, and hold it until some are taken out', async () => {
    const { user, socket } = await open()
    attach('sent.png')
    await removeButton('sent.png')
    await user.type(field(), 'What is it?{Enter}')
    attach(...Array.from({ length: 10 }, (_, index) => `${String(index)}.png`))
    await screen.findByRole('textbox', { name: 'Description of 9.png' })
    refuse(socket, 'core.invalid_text')
    expect(await screen.findByText('A question takes at most 10 files: remove 1 to send it.')).toBeVisible()
    expect(within(await tray()).getAllByRole('listitem')).toHaveLength(11)
    await user.click(send())
    expect(starts(socket)).toHaveLength(1)
    await user.click(await removeButton('9.png'))
    await user.click(send())
    expect(starts(socket)).toHaveLength(2)
  })

  it('are taken out with the keyboard one after the other, and then the field has it', async () => {
    const { user } = await open()
    attach('a.png', 'b.png', 'c.png')
    ;(await removeButton('b.png')).focus()
    await user.keyboard('{Enter}')
    expect(await removeButton('c.png')).toHaveFocus()
    await user.keyboard('{Enter}')
    expect(field()).toHaveFocus()
    expect(within(await tray()).getAllByRole('listitem')).toHaveLength(1)
  })

  it('are taken out by a finger without the keyboard coming up', async () => {
    const { user } = await open()
    attach('a.png')
    await user.click(await removeButton('a.png'))
    expect(field()).not.toHaveFocus()
  })
})

describe('a picture for a model that sees none', () => {
  it('is said before anything is sent, with one that sees it', async () => {
    const { user } = await open()
    attach('wall.png')
    expect(await screen.findByText('a sees no pictures.')).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Answer with gpt-9' }))
    expect(model()).toHaveValue('two/gpt-9')
    expect(screen.queryByText('a sees no pictures.')).not.toBeInTheDocument()
  })

  it('is not known of some', async () => {
    await open()
    fireEvent.change(model(), { target: { value: 'three/b' } })
    attach('wall.png')
    expect(await screen.findByText('gpt-9 may not see pictures.')).toBeVisible()
  })
})

describe('a question with files that was refused', () => {
  it('comes back with them; why is told until they are taken out', async () => {
    const { user, socket } = await open()
    attach('wall.png')
    await removeButton('wall.png')
    await screen.findByRole('textbox', { name: 'Description of wall.png' })
    await user.type(field(), 'What is it?{Enter}')
    refuse(socket, 'llm.images_refused')
    expect(await screen.findByText(/cannot look at pictures/)).toBeVisible()
    expect(field()).toHaveValue('What is it?')
    await user.click(await removeButton('wall.png'))
    expect(screen.queryByText(/cannot look at pictures/)).not.toBeInTheDocument()
  })

  it('says why until another model is chosen', async () => {
    const { user, socket } = await open()
    attach('wall.png')
    await screen.findByRole('textbox', { name: 'Description of wall.png' })
    await user.type(field(), 'What is it?{Enter}')
    refuse(socket, 'llm.images_refused')
    await screen.findByText(/cannot look at pictures/)
    fireEvent.change(model(), { target: { value: 'two/gpt-9' } })
    expect(screen.queryByText(/cannot look at pictures/)).not.toBeInTheDocument()
    await user.click(send())
    expect(starts(socket)[1]).toMatchObject({ model: 'two/gpt-9' })
  })

  it('comes back with its files when it is taken back', async () => {
    const { user, socket } = await open()
    attach('wall.png')
    await screen.findByRole('textbox', { name: 'Description of wall.png' })
    await user.type(field(), 'What is it?{Enter}')
    refuse(socket, 'runs.busy')
    await user.click(await screen.findByRole('button', { name: 'Back to the composer' }))
    expect(field()).toHaveValue('What is it?')
    expect(await removeButton('wall.png')).toBeVisible()
  })
})

describe('a chat', () => {
  it.each(['core.invalid_text', 'runs.busy'])('that was not begun is taken back whole, with the model that was chosen: %s', async (code) => {
    const { user, socket, server } = await open({ sessionId: null })
    fireEvent.change(model(), { target: { value: 'two/gpt-9' } })
    attach('wall.png')
    await screen.findByRole('textbox', { name: 'Description of wall.png' })
    await user.type(field(), 'Hello?{Enter}')
    await waitFor(() => expect(starts(socket)).toHaveLength(1))
    refuse(socket, code)
    if (code === 'runs.busy') await user.click(await screen.findByRole('button', { name: 'Back to the composer' }))
    await screen.findByRole('heading', { name: 'What are we working on?' })
    expect(field()).toHaveValue('Hello?')
    expect(await removeButton('wall.png')).toBeVisible()
    // No empty chat is left in the list.
    const sessionId = String(starts(socket)[0]?.session_id)
    await waitFor(() => expect(server.calls).toContainEqual(expect.objectContaining({ method: 'DELETE', path: `/api/v1/sessions/${sessionId}` })))
    expect(model()).toHaveValue('two/gpt-9')
    await user.click(send())
    await waitFor(() => expect(starts(socket)).toHaveLength(2))
    expect(starts(socket).map((start) => start.model)).toEqual(['two/gpt-9', 'two/gpt-9'])
    expect(starts(socket)[1]?.session_id).not.toBe(sessionId)
  })

  it('in which somebody else has asked meanwhile stays', async () => {
    const { user, socket, server } = await open({ sessionId: null })
    await user.type(field(), 'Hello?{Enter}')
    await waitFor(() => expect(starts(socket)).toHaveLength(1))
    server.messages.push(message('theirs', null, 'user'))
    const path = `/api/v1/sessions/${String(starts(socket)[0]?.session_id)}/messages`
    const looked = () => server.calls.filter((call) => call.method === 'GET' && call.path === path).length
    const before = looked()
    refuse(socket, 'core.invalid_text')
    await screen.findByRole('heading', { name: 'What are we working on?' })
    await waitFor(() => expect(looked()).toBeGreaterThan(before))
    expect(field()).toHaveValue('Hello?')
    expect(server.calls.filter(({ method }) => method === 'DELETE')).toEqual([])
  })

  it('keeps the model that it was begun with when its first question is sent again', async () => {
    const { user, socket } = await open({ sessionId: null })
    fireEvent.change(model(), { target: { value: 'two/gpt-9' } })
    await user.type(field(), 'Hello?{Enter}')
    await waitFor(() => expect(starts(socket)).toHaveLength(1))
    refuse(socket, 'runs.busy')
    expect(model()).toHaveValue('two/gpt-9')
    await user.click(await screen.findByRole('button', { name: 'Try again' }))
    await waitFor(() => expect(starts(socket)).toHaveLength(2))
    expect(starts(socket)[1]).toEqual({ ...starts(socket)[0], ref: starts(socket)[1]?.ref })
  })
})
