/** What a viewer sees: everything to read, nothing that would be refused. */
import { screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import type { Message, Part } from '../model/message'
import { message, renderConversation } from '../testing/renderConversation'

const versions = { index: 1, count: 2, ids: ['other', 'a'] }
const question = message('u', null, 'user', { siblings: { ...versions, ids: ['other', 'u'] } })
const answer = message('a', 'u', 'assistant', { siblings: versions })
const waiting: Part = {
  type: 'tool_call', id: 'c', name: 'create_ticket', arguments: { title: 'Backup' }, status: 'waiting', result: null, error: null, duration_ms: null,
}

const show = (role: 'viewer' | 'member', ...messages: Message[]) => renderConversation({ sessionId: 's', messages, role })

const WRITING = [/Edit the question/, /Answer again/, /Good answer/, /Bad answer/, /Earlier version/, /Send/]
const writingButtons = () => WRITING.flatMap((name) => screen.queryAllByRole('button', { name }))

describe('a chat of somebody who may only read', () => {
  it('has a calm sentence where the composer would stand, and no action that would be refused', async () => {
    await show('viewer', question, answer)

    expect(await screen.findByText(/You are a viewer in Example Ltd: you can read here, and not write/)).toBeVisible()
    expect(await screen.findByText('Words of a')).toBeVisible()
    expect(screen.queryByRole('textbox')).toBeNull()
    expect(writingButtons()).toEqual([])
    expect(screen.getByRole('button', { name: 'Copy the question' })).toBeInTheDocument()
    expect(screen.getAllByLabelText('Version 2 of 2')).toHaveLength(2)
  })

  it('shows a call that waits, without the decision', async () => {
    await show('viewer', question, message('a', 'u', 'assistant', { status: 'waiting', content: [waiting] }))

    expect(await screen.findByText('You can read here. Ask an administrator to decide.')).toBeVisible()
    expect(screen.getByText(/Backup/)).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Approve' })).toBeNull()
  })

  it('offers no way on from a failed answer', async () => {
    await show('viewer', question, message('a', 'u', 'assistant', { status: 'failed', content: [] }))

    expect(await screen.findByText('Details')).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull()
  })

  it('has all of that for a member', async () => {
    await show('member', question, answer)
    await screen.findByRole('textbox', { name: 'Your question' })

    expect(writingButtons().length).toBeGreaterThanOrEqual(WRITING.length)
  })
})

describe('the new-chat screen of somebody who may only read', () => {
  it('says so, and offers no question', async () => {
    await renderConversation({ role: 'viewer' })

    expect(await screen.findByRole('heading', { name: 'You can read here' })).toBeVisible()
    expect(screen.queryByRole('textbox')).toBeNull()
    expect(screen.queryByRole('list', { name: 'Examples' })).toBeNull()
  })
})

describe('a failed answer', () => {
  const busy = (details = {}): Part => ({ type: 'notice', code: 'llm.provider_busy', message: '', details })

  it('offers a model of another provider, which then answers', async () => {
    const { socket, user } = await show('member', question, message('a', 'u', 'assistant', { status: 'failed', content: [busy()], model: 'one/a' }))
    await user.click(await screen.findByRole('button', { name: 'Answer with gpt-9' }))
    await waitFor(() => expect(socket.sentLast('start')).toMatchObject({ regenerate: 'a', model: 'two/gpt-9' }))
  })

  it('goes on where it was cut, if something had come of it', async () => {
    const { socket, user } = await show('member', question, message('a', 'u', 'assistant', { status: 'failed', content: [{ type: 'text', text: 'Half' }, busy()] }))
    await user.click(await screen.findByRole('button', { name: 'Continue' }))
    expect(socket.sentLast('continue')).toMatchObject({ run_id: 'run-a' })
  })

  it('has nothing to go on with where nothing had come', async () => {
    await show('member', question, message('a', 'u', 'assistant', { status: 'failed', content: [busy()] }))
    expect(await screen.findByRole('button', { name: 'Try again' })).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Continue' })).toBeNull()
  })

  it('waits with going on for as long as the provider asks', async () => {
    const content: Part[] = [{ type: 'text', text: 'Half' }, busy({ retry_after: 60 })]
    await show('member', question, message('a', 'u', 'assistant', { status: 'failed', content, created_at: new Date().toISOString() }))
    expect(await screen.findByRole('button', { name: /Continue in \d+ s/ })).toBeDisabled()
  })

  it('says until when the provider is to be left alone, to those who listen too', async () => {
    await show('member', question, message('a', 'u', 'assistant', { status: 'failed', content: [busy({ retry_after: 60 })], created_at: new Date().toISOString() }))
    expect(await screen.findByRole('alert')).toHaveTextContent(/It answers again at \d{1,2}:\d{2}:\d{2}/)
    expect(screen.getByRole('button', { name: /Try again in \d+ s/ })).toBeDisabled()
    expect(screen.getByText(/^The answer failed\. The model provider limits/)).toBeInTheDocument()
  })

  it('says what was thrown into it and not read', async () => {
    const steer: Part = { type: 'steer', text: 'Shorter, please', read: false }
    await show('member', question, message('a', 'u', 'assistant', { status: 'stopped', content: [{ type: 'text', text: 'Words' }, steer] }))
    expect(await screen.findByText('Not read: the answer ended first.')).toBeVisible()
  })

  it('is told in our words, with the server\'s own in the details', async () => {
    const notice: Part = { type: 'notice', code: 'llm.request_rejected', message: 'The model provider rejected the request. It said: no such field', details: {} }
    await show('member', question, message('a', 'u', 'assistant', { status: 'failed', content: [notice] }))

    expect(await screen.findByRole('alert')).toHaveTextContent('The model provider did not accept the request.')
    expect(screen.getByText(/It said: no such field/)).toBeInTheDocument()
  })
})
