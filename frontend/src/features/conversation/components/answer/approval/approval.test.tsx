/** A person decides on the calls of an answer: as they are, changed, some of them, for good, or not at all. */
import { act, screen, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import type { FakeSocket } from '@/shared/stream/testing/FakeSocket'

import type { Part } from '../../../model/message'
import { message, renderConversation } from '../../../testing/renderConversation'

const OPEN = { enabled: null, approval: null }
const TICKET = {
  name: 'create_ticket',
  title: 'Created a ticket',
  description: 'Creates a ticket. Longer words follow.',
  source: 'desk',
  has_side_effects: true,
  parameters: {
    type: 'object',
    required: ['title'],
    properties: {
      title: { type: 'string', title: 'Title', description: 'What it is about.' },
      priority: { type: 'integer' },
      kind: { enum: ['bug', 'wish'] },
      is_urgent: { type: 'boolean' },
      labels: { type: 'array' },
    },
  },
  enabled: true,
  approval: 'ask',
  policies: { organization: OPEN, me: OPEN, session: null },
  locked_by: null,
  locks: { enabled: null, approval: null },
}
const asked = (id: string): Part => ({
  type: 'tool_call', id, name: 'create_ticket', arguments: { title: 'Backup', priority: 2 }, status: 'waiting', result: null, error: null, duration_ms: null,
})

async function show({ calls, tool = TICKET, expiresAt = null }: { calls: string[]; tool?: object | null; expiresAt?: string | null }) {
  const messages = [message('u', null, 'user'), message('a', 'u', 'assistant', { status: 'waiting', content: calls.map(asked) })]
  const interrupts = calls.map((id) => ({ id, reason: 'approval', message: null, tool_call_id: id, expires_at: expiresAt }))
  const run = { id: 'run-a', session_id: 's', message_id: 'a', status: 'interrupted', paused: false, queue: null, pending_steers: [], interrupts }
  const tools = tool === null ? [] : [tool]
  return renderConversation({
    sessionId: 's',
    messages,
    runs: { 'run-a': run },
    answer: (_method, path) => (path.endsWith('/tools') ? Response.json({ items: tools }) : undefined),
  })
}

const card = async (name: string) => within(await screen.findByRole('region', { name }))
const ONE = 'Allow Create ticket to run?'
const decided = (socket: FakeSocket) => socket.sentLast('approve').decisions

describe('one call', () => {
  it('is changed in a form that the tool describes', async () => {
    const { socket, user } = await show({ calls: ['c1'] })
    const one = await card(ONE)
    expect(await one.findByText('May change something outside of Coda.')).toBeInTheDocument()
    await user.click(one.getByRole('button', { name: 'Edit' }))

    const priority = one.getByRole('textbox', { name: 'priority' })
    await user.clear(priority)
    await user.type(priority, '1.5')
    expect(one.getByRole('alert')).toHaveTextContent('whole number')
    expect(one.getByRole('button', { name: /^Approve/ })).toBeDisabled()
    await user.clear(priority)
    await user.clear(one.getByRole('textbox', { name: 'Title' }))
    await user.type(one.getByRole('textbox', { name: 'Title' }), 'Restore')
    await user.selectOptions(one.getByRole('combobox', { name: 'kind' }), 'bug')
    await user.selectOptions(one.getByRole('combobox', { name: 'is_urgent' }), 'Yes')
    await user.type(one.getByRole('textbox', { name: 'labels' }), '[["a"]')
    await user.click(one.getByRole('button', { name: 'Approve with changes' }))

    expect(decided(socket)).toEqual([
      { tool_call_id: 'c1', decision: 'approve', arguments: { title: 'Restore', kind: 'bug', is_urgent: true, labels: ['a'] } },
    ])
  })

  it('is changed as JSON where one wants it so, or the tool says nothing', async () => {
    const { socket, user } = await show({ calls: ['c1'], tool: null })
    const one = await card(ONE)
    await user.click(one.getByRole('button', { name: 'Edit' }))
    const box = one.getByRole('textbox', { name: 'Arguments' })
    await user.clear(box)
    await user.type(box, '{{"title":')
    expect(one.getByRole('alert')).toHaveTextContent('not a JSON object')
    expect(one.getByRole('button', { name: 'Approve' })).toBeDisabled()
    await user.type(box, ' "Backup", "priority": 1}')
    await user.click(one.getByRole('button', { name: 'Approve with changes' }))

    expect(socket.sentLast('approve')).toMatchObject({ run_id: 'run-a' })
    expect(decided(socket)).toEqual([{ tool_call_id: 'c1', decision: 'approve', arguments: { title: 'Backup', priority: 1 } }])
  })

  it('keeps what was changed when the way of editing is', async () => {
    const { user } = await show({ calls: ['c1'] })
    const one = await card(ONE)
    await user.click(one.getByRole('button', { name: 'Edit' }))
    await user.type(one.getByRole('textbox', { name: 'Title' }), ' now')
    await user.click(one.getByRole('button', { name: 'Edit as JSON' }))
    const box = one.getByRole<HTMLTextAreaElement>('textbox', { name: 'Arguments' })
    expect(JSON.parse(box.value)).toEqual({ title: 'Backup now', priority: 2 })
    await user.clear(box)
    await user.type(box, '{{"title": "Later"}')
    await user.click(one.getByRole('button', { name: 'Edit as a form' }))
    expect(one.getByRole('textbox', { name: 'Title' })).toHaveValue('Later')
    expect(one.getByRole('textbox', { name: 'priority' })).toHaveValue('')
  })

  it.each([['Always allow in this chat', 'session'], ['Always allow for me', 'me']])('is allowed for good: %s', async (name, remember) => {
    const { socket, user } = await show({ calls: ['c1'] })
    const one = await card(ONE)
    await user.selectOptions(await one.findByRole('combobox', { name: 'Next time' }), name)
    await user.click(one.getByRole('button', { name: 'Approve' }))
    expect(decided(socket)).toEqual([{ tool_call_id: 'c1', decision: 'approve', remember }])
  })

  it('offers nothing for good where somebody above has it ask always', async () => {
    await show({ calls: ['c1'], tool: { ...TICKET, locks: { enabled: null, approval: 'organization' } } })
    const one = await card(ONE)
    await one.findByText('Creates a ticket.')
    expect(one.queryByRole('combobox', { name: 'Next time' })).not.toBeInTheDocument()
  })

  it('tells until when one can decide', async () => {
    await show({ calls: ['c1'], expiresAt: '2026-12-07T09:30:00Z' })
    expect(await screen.findByText(/Without a decision by Dec 7, 2026/)).toBeInTheDocument()
  })
})

describe('several calls', () => {
  it('are one question; those that are left out are declined, with a reason', async () => {
    const { socket, user } = await show({ calls: ['c1', 'c2'] })
    const both = await card('Allow these 2 calls to run?')
    const boxes = both.getAllByRole('checkbox', { name: /Create ticket/ })
    expect(both.getByRole('button', { name: 'Approve 2 calls' })).toBeEnabled()
    await user.click(boxes[1] as HTMLElement)
    await user.type(both.getByRole('textbox', { name: 'Reason' }), 'Not now')
    await user.click(both.getByRole('button', { name: 'Approve 1 call' }))

    expect(decided(socket)).toEqual([
      { tool_call_id: 'c1', decision: 'approve' },
      { tool_call_id: 'c2', decision: 'reject', reason: 'Not now' },
    ])
    act(() => socket.say({ op: 'error', ref: socket.sentLast('approve').ref, error: { code: 'runs.invalid_decisions', message: 'x' } }))
    expect(await both.findByRole('button', { name: 'Approve 1 call' })).toBeInTheDocument()
  })

  it('are declined together', async () => {
    const { socket, user } = await show({ calls: ['c1', 'c2'] })
    const both = await card('Allow these 2 calls to run?')
    for (const box of both.getAllByRole('checkbox')) await user.click(box)
    expect(both.getByRole('button', { name: 'Approve 0 calls' })).toBeDisabled()
    await user.click(both.getByRole('button', { name: 'Decline all' }))
    await user.type(both.getByRole('textbox', { name: 'Reason' }), 'No{Enter}')

    expect(decided(socket)).toEqual(['c1', 'c2'].map((id) => ({ tool_call_id: id, decision: 'reject', reason: 'No' })))
  })
})
