import { act, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import type { RunEvent } from '@/shared/stream'
import type { FakeSocket } from '@/shared/stream/testing/FakeSocket'

import type { Message, Part } from '../model/message'
import { message, renderConversation } from '../testing/renderConversation'
import { readTranscript } from '../testing/transcripts'

const QUESTION = 'What is 17.5 % of 2,340?'
const usage = { input_tokens: 1479, output_tokens: 63, reasoning_tokens: 17, cached_input_tokens: 0, cost_usd: '0.0061', confidence: 'computed' } as const
const thought = (text: string): Part => ({ type: 'reasoning', text, started_at: null, duration_ms: 100 })
const call: Part = {
  type: 'tool_call', id: 'c1', name: 'calculator', arguments: { expression: '2+2' }, status: 'done',
  result: { value: '4' }, error: null, duration_ms: 3, evaluation: { verdict: 'ok', attempts: 1 },
}

/** The server takes the question: it gives the ack that the newest start asked for. */
function ack(socket: FakeSocket): Message {
  const start = socket.sentLast('start')
  const question = start.message as { id: string; content: string } | undefined
  const runId = String(start.run_id)
  const sessionId = String(start.session_id)
  const user = question === undefined ? null : message(question.id, (start.parent_id as string | null) ?? null, 'user', { session_id: sessionId, content: [{ type: 'text', text: question.content }] })
  const assistant = message(`answer-${runId}`, user?.id ?? 'u', 'assistant', { session_id: sessionId, run_id: runId, status: 'queued', content: [] })
  act(() => socket.say({ op: 'ack', ref: start.ref, run: { id: runId }, message: user, assistant }))
  return assistant
}

function play(socket: FakeSocket, name: string, answer: Message, until = Infinity): void {
  const ids = { run_id: answer.run_id ?? '', session_id: answer.session_id, message_id: answer.id }
  const events = readTranscript(name).slice(0, until)
  const own = events.map((event): RunEvent => ({ ...event, metadata: { coda: { ...event.metadata.coda, ...ids } } }))
  act(() => socket.say(own))
}

describe('questions', () => {
  it('makes a session, shows the question at once, and the answer as it comes', async () => {
    const { socket, user, server } = await renderConversation()
    await user.type(screen.getByRole('textbox', { name: 'Your question' }), `${QUESTION}{Enter}`)
    const log = await screen.findByRole('log')
    expect(within(log).getByText(QUESTION)).toBeInTheDocument()
    expect(server.calls).toContainEqual(expect.objectContaining({ method: 'POST', path: '/api/v1/sessions' }))

    const assistant = ack(socket)
    play(socket, 'tool', assistant, 10)
    expect(await within(log).findByText('Thinking')).toBeInTheDocument()
    server.messages = [message('u', null, 'user'), { ...assistant, status: 'complete', usage, timing: { ttft_ms: 49, total_ms: 334 }, content: [{ type: 'text', text: 'It is **409.5**.' }] }]
    play(socket, 'tool', assistant)
    expect(await within(log).findByText('$0.0061')).toBeInTheDocument()
    expect(within(log).getByText('409.5')).toBeInTheDocument()
    expect(within(log).getByText('1,542 tok')).toBeInTheDocument()
  })

  it('says in a sentence why a question was not taken, and sends the same one again', async () => {
    const { socket, user } = await renderConversation({ sessionId: 's', messages: [message('u', null, 'user'), message('a', 'u', 'assistant')] })
    await screen.findByText('Words of a')
    await user.type(screen.getByRole('textbox', { name: 'Your question' }), 'And?{Enter}')
    const start = socket.sentLast('start')
    expect(start).toMatchObject({ parent_id: 'a', session_id: 's' })
    act(() => socket.say({ op: 'error', ref: start.ref, error: { code: 'runs.too_many_queued', message: 'x' } }))
    expect(await screen.findByText(/as many questions in line/)).toBeInTheDocument()

    await user.click(screen.getByRole('button', { name: 'Try again' }))
    expect(socket.sentLast('start')).toEqual({ ...start, ref: expect.any(String) as string })
    act(() => socket.say({ op: 'error', ref: socket.sentLast('start').ref, error: { code: 'runs.too_many_queued', message: 'x' } }))
    await user.click(await screen.findByRole('button', { name: 'Back to the composer' }))
    expect(screen.getByRole('textbox', { name: 'Your question' })).toHaveValue('And?')
    expect(screen.queryByText(/as many questions in line/)).not.toBeInTheDocument()
  })

  it('stops the answer at the end', async () => {
    const live = message('a', 'u', 'assistant', { status: 'streaming', content: [] })
    const { socket, user } = await renderConversation({ sessionId: 's', messages: [message('u', null, 'user'), live] })
    await user.click(await screen.findByRole('button', { name: 'Stop' }))
    expect(socket.sentLast('cancel')).toMatchObject({ run_id: 'run-a' })
    expect(socket.sentLast('attach')).toMatchObject({ run_id: 'run-a', after: 0 })
  })
})

describe('an answer', () => {
  const show = (rest: Partial<Message>) =>
    renderConversation({ sessionId: 's', messages: [message('u', null, 'user'), message('a', 'u', 'assistant', rest)] })

  it('unfolds a tool call, whose body is not there before', async () => {
    const { user } = await show({ content: [call, { type: 'text', text: 'Four.' }] })
    const row = await screen.findByRole('button', { name: /Calculated/ })
    expect(screen.queryByText('value')).not.toBeInTheDocument()
    await user.click(row)
    const log = within(screen.getByRole('log'))
    expect(await log.findByText('value')).toBeInTheDocument()
    await user.click(log.getByRole('tab', { name: 'Arguments' }))
    expect(log.getByText('expression')).toBeInTheDocument()
  })

  it('folds more than four finished steps', async () => {
    const { user } = await show({ content: [thought('One'), thought('Two'), call, thought('Three'), thought('Four'), { type: 'text', text: 'So.' }] })
    const fold = await screen.findByRole('button', { name: /5 steps/ })
    expect(screen.queryByRole('button', { name: /Calculated/ })).not.toBeInTheDocument()
    await user.click(fold)
    expect(screen.getByRole('button', { name: /Calculated/ })).toBeInTheDocument()
  })

  it('says that it failed, why, and answers anew', async () => {
    const failure: Part = { type: 'notice', code: 'llm.unavailable', message: 'The provider does not answer.', details: {} }
    const { socket, user } = await show({ status: 'failed', content: [{ type: 'text', text: 'Half' }, failure], trace_id: 'trace-1' })
    expect(await screen.findByRole('alert')).toHaveTextContent('The provider does not answer.')
    expect(screen.getByText('Half')).toBeInTheDocument()
    expect(screen.getByText('trace-1')).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Try again' }))
    expect(socket.sentLast('start')).toMatchObject({ regenerate: 'a', session_id: 's' })
  })

  it('says that another model went on', async () => {
    const notice: Part = { type: 'notice', code: 'llm.fallback', message: 'x', details: { from: 'openai/one', to: 'anthropic/two', reason: 'timeout' } }
    await show({ content: [notice, { type: 'text', text: 'So.' }] })
    expect(await screen.findByText('Continued on two: one did not answer in time.')).toBeInTheDocument()
  })

  it('does not load a picture from elsewhere before it is asked to', async () => {
    const { user } = await show({ content: [{ type: 'text', text: '![A plan](https://example.org/p.png) and [x](javascript:alert(1))' }] })
    const load = await screen.findByRole('button', { name: /A plan/ })
    expect(document.querySelector('img')).toBeNull()
    expect(screen.queryByRole('link', { name: 'x' })).not.toBeInTheDocument()
    await user.click(load)
    expect(screen.getByRole('img', { name: 'A plan' })).toHaveAttribute('src', 'https://example.org/p.png')
  })

  it('takes a thumb down with its reason', async () => {
    const { user, server } = await show({})
    await user.click(await screen.findByRole('button', { name: 'Bad answer' }))
    await user.click(await screen.findByRole('button', { name: 'Not complete' }))
    await user.type(screen.getByRole('textbox', { name: 'More about it' }), 'The last part lacks')
    await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Send' }))
    await waitFor(() =>
      expect(server.calls.findLast(({ path }) => path.endsWith('/feedback'))?.body).toEqual({ rating: 'down', reason: 'incomplete', text: 'The last part lacks' }),
    )
  })

  it('shows what it was not told a price for as unpriced, and estimates as such', async () => {
    await show({ usage: { ...usage, cost_usd: null } })
    expect((await screen.findAllByText(/unpriced/)).length).toBeGreaterThan(0)
  })

  it('sums up the whole session, whatever of it is loaded', async () => {
    await show({})
    expect(await screen.findByText('1,800 tok · $0.0123')).toBeVisible()
  })

  it('asks differently: a sibling of the question', async () => {
    const { socket, user } = await show({})
    await user.click(await screen.findByRole('button', { name: 'Edit the question' }))
    const field = screen.getByRole('textbox', { name: 'Edit the question' })
    await user.clear(field)
    await user.type(field, 'Something else{Enter}')
    expect(socket.sentLast('start')).toMatchObject({ parent_id: null, message: { content: 'Something else' } })
    expect(screen.getByRole('log')).toHaveFocus()
  })

  it('gives the focus back to the question that stays as it was', async () => {
    const { user } = await show({})
    await user.click(await screen.findByRole('button', { name: 'Edit the question' }))
    await user.keyboard('{Escape}')
    expect(screen.getByRole('button', { name: 'Edit the question' })).toHaveFocus()
  })
})
