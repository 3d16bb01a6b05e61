import { act, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import { FakeSocket } from '@/shared/stream/testing/FakeSocket'

import type { Message, Part } from '../model/message'
import { message, renderConversation } from '../testing/renderConversation'

const question = message('u', null, 'user')
const answer = (rest: Partial<Message>) => message('a', 'u', 'assistant', { content: [], ...rest })
const live = answer({ status: 'streaming' })
const asked = (id: string): Part => ({
  type: 'tool_call', id, name: 'create_ticket', arguments: { title: 'Backup', priority: 2 }, status: 'waiting', result: null, error: null, duration_ms: null,
})
const inLine = (index: number, above: string): Message[] => [
  message(`q${String(index)}`, above, 'user', { content: [{ type: 'text', text: `Question ${String(index)}` }] }),
  message(`w${String(index)}`, `q${String(index)}`, 'assistant', { status: 'queued', content: [] }),
]

const show = (...messages: Message[]) => renderConversation({ sessionId: 's', messages: [question, ...messages] })
const field = () => screen.findByRole('textbox', { name: 'Your question' })
const run = (rest: Record<string, unknown> = {}) => ({ id: 'run-a', session_id: 's', message_id: 'a', status: 'running', paused: false, queue: null, pending_steers: [], ...rest })

function acks(socket: FakeSocket, op: string, rest?: Record<string, unknown>): void {
  act(() => socket.say({ op: 'ack', ref: socket.sentLast(op).ref, run: run(rest) }))
}

function refuses(socket: FakeSocket, op: string, code: string): void {
  act(() => socket.say({ op: 'error', ref: socket.sentLast(op).ref, error: { code, message: 'x' } }))
}

/** The run has begun here too: its first event has come. */
function begins(socket: FakeSocket): void {
  act(() => socket.say({ type: 'RUN_STARTED', threadId: 's', runId: 'run-a', timestamp: 1, metadata: { coda: { seq: 1, run_id: 'run-a', session_id: 's', message_id: 'a' } } }))
}

describe('a pause', () => {
  it('shows on the answer and above the field, and goes on', async () => {
    const { socket, user } = await show(live)
    begins(socket)
    await user.click(await screen.findByRole('button', { name: 'Pause' }))
    acks(socket, 'pause', { paused: true })
    expect(await screen.findByText('What comes next is held back.')).toBeInTheDocument()
    expect(within(await screen.findByRole('log')).getByText('Paused')).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Resume' }))
    acks(socket, 'resume')
    await waitFor(() => expect(screen.queryByText('What comes next is held back.')).not.toBeInTheDocument())
  })

  it('is sent again over a lost connection', async () => {
    const { socket, user } = await show(live)
    begins(socket)
    await user.click(await screen.findByRole('button', { name: 'Pause' }))
    const sent = socket.sentLast('pause')
    act(() => socket.lose(4408))
    await waitFor(() => expect(FakeSocket.last).not.toBe(socket))
    const next = FakeSocket.last
    act(() => next.accept())
    expect(next.sentLast('pause')).toEqual(sent)
  })

  it('that ended the run goes on in a new one, in the same answer', async () => {
    const { socket, user } = await show(answer({ status: 'waiting', content: [{ type: 'text', text: 'Half' }] }))
    expect(await screen.findByText('The answer goes on from here, whenever you want.')).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Resume' }))
    acks(socket, 'resume', { id: 'run-b', parent_run_id: 'run-a' })
    act(() =>
      socket.say([
        { type: 'RUN_STARTED', threadId: 's', runId: 'run-b', metadata: { coda: { seq: 1, run_id: 'run-b', session_id: 's', message_id: 'a' } } },
        { type: 'TEXT_MESSAGE_CONTENT', messageId: 'a.2', delta: 'and more', metadata: { coda: { seq: 2, run_id: 'run-b', session_id: 's' } } },
      ]),
    )
    expect(await screen.findByText('and more')).toBeInTheDocument()
    expect(screen.getByText('Half')).toBeInTheDocument()
  })
})

describe('throwing in', () => {
  it('stands in the answer at once, and comes back where it is refused', async () => {
    const { socket, user } = await show(live)
    begins(socket)
    await user.type(await field(), 'Shorter, please{Control>}{Enter}{/Control}')
    expect(socket.sentLast('steer')).toMatchObject({ run_id: 'run-a', content: 'Shorter, please' })
    expect(await field()).toHaveValue('')
    expect(within(screen.getByRole('log')).getByText('Shorter, please')).toBeInTheDocument()
    await user.type(await field(), 'Something else')
    refuses(socket, 'steer', 'runs.ending')
    await waitFor(async () => expect(await field()).toHaveValue('Shorter, please\n\nSomething else'))
    expect(screen.queryByText('to be read at the next step')).not.toBeInTheDocument()
  })

  it('from another page stands there too, until the agent has read it', async () => {
    const { socket, server } = await show(live)
    begins(socket)
    await screen.findByRole('button', { name: 'Pause' })
    server.runs['run-a'] = run({ pending_steers: [{ id: 's1', content: 'In French', created_at: '' }] })
    act(() => socket.say({ op: 'note', topic: 'run', id: 'run-a', change: 'steered' }))
    expect(await screen.findByText('to be read at the next step')).toBeInTheDocument()
    act(() => socket.say({ type: 'CUSTOM', name: 'coda.steer', value: { text: 'In French' }, metadata: { coda: { seq: 2, run_id: 'run-a', session_id: 's', steer_id: 's1' } } }))
    await waitFor(() => expect(screen.queryByText('to be read at the next step')).not.toBeInTheDocument())
    expect(screen.getAllByText('In French')).toHaveLength(1)
  })
})

describe('the message queue', () => {
  it('takes what is written while an answer is made, and gives refused words back', async () => {
    const { socket, user } = await show(live)
    begins(socket)
    await user.type(await field(), 'Next one{Enter}')
    expect(socket.sentLast('start')).toMatchObject({ message: { content: 'Next one' } })
    // Below whatever is last when it arrives, whichever tab it came from.
    expect(socket.sentLast('start')).not.toHaveProperty('parent_id')
    const queue = within(screen.getByRole('region', { name: 'Questions in line' }))
    expect(queue.getByText('Next one')).toBeInTheDocument()
    expect(within(screen.getByRole('log')).queryByText('Next one')).not.toBeInTheDocument()
    refuses(socket, 'start', 'runs.too_many_queued')
    expect(await queue.findByRole('alert')).toHaveTextContent('as many questions in line as one may')
    await user.click(queue.getByRole('button', { name: 'Back to the composer' }))
    expect(await field()).toHaveValue('Next one')
  })

  it('changes a question in its place, and takes one out', async () => {
    const { socket, user, server } = await show(live, ...inLine(1, 'a'), ...inLine(2, 'w1'))
    const queue = within(await screen.findByRole('region', { name: 'Questions in line' }))
    const item = (index: number) => within(queue.getAllByRole('listitem')[index] as HTMLElement)
    await user.click(item(0).getByRole('button', { name: 'Edit this question' }))
    await user.clear(item(0).getByRole('textbox'))
    await user.type(item(0).getByRole('textbox'), 'Changed{Enter}')
    expect(socket.sentLast('edit')).toMatchObject({ run_id: 'run-w1', content: 'Changed' })
    acks(socket, 'edit', { id: 'run-w1' })
    expect(await item(0).findByText('Changed')).toBeInTheDocument()

    await user.click(item(1).getByRole('button', { name: 'Take it out of the line' }))
    server.messages = [question, live, ...inLine(1, 'a')]
    acks(socket, 'remove', { id: 'run-w2' })
    await waitFor(() => expect(queue.getAllByRole('listitem')).toHaveLength(1))
  })

  it('keeps the words of a change that came too late', async () => {
    const { socket, user } = await show(live, ...inLine(1, 'a'))
    await user.click(await screen.findByRole('button', { name: 'Edit this question' }))
    await user.type(screen.getByRole('textbox', { name: 'Edit this question' }), ' and more{Enter}')
    refuses(socket, 'edit', 'runs.already_started')
    await waitFor(async () => expect(await field()).toHaveValue('Question 1 and more'))
  })

  it('holds what stands under a stopped answer until it is sent', async () => {
    const { socket, user } = await show(answer({ status: 'stopped' }), ...inLine(1, 'a'))
    await user.click(await screen.findByRole('button', { name: 'Send now' }))
    expect(socket.sentLast('resume')).toMatchObject({ run_id: 'run-w1' })
    acks(socket, 'resume', { id: 'run-w1', message_id: 'w1', status: 'queued' })
    expect(await within(screen.getByRole('log')).findByText('Question 1')).toBeInTheDocument()
    expect(screen.queryByRole('region', { name: 'Questions in line' })).not.toBeInTheDocument()
  })
})

describe('an answer that had all its time', () => {
  it('is not continued: the rest is asked for', async () => {
    const notice: Part = { type: 'notice', code: 'runs.timed_out', message: 'x', details: {} }
    const { socket, user } = await show(answer({ status: 'stopped', content: [{ type: 'text', text: 'Half' }, notice] }))
    expect(await screen.findByText(/A new question has its own time/)).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Continue' })).not.toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Ask for the rest' }))
    expect(socket.sentLast('start')).toMatchObject({ parent_id: 'a', message: { content: 'Please go on where you stopped.' } })
  })
})

describe('a call that was declined', () => {
  it('is told as such, not as a failure', async () => {
    const error = { code: 'runs.tool_rejected', message: 'x', details: {} }
    const declined: Part = { type: 'tool_call', id: 'c1', name: 'create_ticket', arguments: {}, status: 'failed', result: null, error, duration_ms: 0 }
    await show(answer({ status: 'complete', content: [declined, { type: 'text', text: 'As you wish.' }] }))
    expect(await screen.findByRole('button', { name: /Declined/ })).toHaveTextContent('create_ticket')
    expect(screen.queryByText('failed')).not.toBeInTheDocument()
  })
})

describe('a call that the program which asked makes', () => {
  const waiting = answer({ status: 'waiting', content: [asked('c1')] })
  const interrupted = (reason: string) => ({
    'run-a': run({ status: 'interrupted', interrupts: [{ id: 'c1', reason, message: null, tool_call_id: 'c1' }] }),
  })
  const open = (reason: string) => renderConversation({ sessionId: 's', messages: [question, waiting], runs: interrupted(reason) })

  it('asks nothing of a person, who may only stop the answer', async () => {
    await open('client_tool')
    expect(await screen.findByText('Waiting for the program that asked')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Stop' })).toBeInTheDocument()
    expect(screen.getByText('The answer waits for the program that asked.')).toBeInTheDocument()
    for (const name of ['Approve', 'Decline', 'Edit']) expect(screen.queryByRole('button', { name })).not.toBeInTheDocument()
  })

  it('is not a decision, which is asked for as ever', async () => {
    await open('approval')
    expect(await screen.findByRole('button', { name: 'Approve' })).toBeInTheDocument()
    expect(screen.queryByText('Waiting for the program that asked')).not.toBeInTheDocument()
  })
})
