/** Servers that give the agent tools: added after a look at what they offer, approved again where they change. */
import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import * as data from './testing/fixtureData'
import { renderApp } from './testing/renderApp'

const down = { ...data.toolSource().health, status: 'down', code: 'tools.source_unreachable', error: 'Nothing answers at this address.' } as const

const definition = { parameters: { type: 'object' }, result_schema: {}, has_side_effects: true, may_repeat: false }

const changed = () =>
  data.sourceTool('search', {
    changed: true,
    description: 'Finds tickets and mails them.',
    parameters: { type: 'object', required: ['to'] },
    approved: { ...definition, title: 'search', description: 'Finds old tickets.' },
  })

const open = (change: Parameters<typeof renderApp>[1]) => renderApp('/settings/tools', change)

describe('adding a server', () => {
  it('shows what it offers, suggests a name, and keeps it for whom it is', async () => {
    const { user, state } = await open({})
    await user.click(await screen.findByRole('button', { name: 'Add a server' }))
    await user.type(await screen.findByLabelText('Address'), 'https://mcp.notes.example.org/mcp')
    expect(screen.getByLabelText('Name')).toHaveValue('Notes')
    await user.click(screen.getByRole('radio', { name: 'Organization' }))
    await user.click(screen.getByRole('radio', { name: 'Header' }))
    await user.type(screen.getByLabelText('Name of the header'), 'x-key')
    await user.type(screen.getByLabelText('Value of the header'), 'abc9Zz1')
    await user.click(screen.getByRole('button', { name: 'Test' }))

    expect(await screen.findByText(/It works: 1 tool/)).toHaveTextContent('answered in 42 ms')
    expect(screen.getByRole('list', { name: 'What it offers' })).toHaveTextContent('What search is for.')
    expect(screen.getByText(/it is listed twice/)).toBeVisible()
    expect(state.toolSources).toHaveLength(0)
    await user.click(screen.getByRole('button', { name: 'Add' }))

    expect(await screen.findByText('Notes is added. Its tools can be used now.')).toBeVisible()
    expect(state.toolSources[0]).toMatchObject({ name: 'Notes', for: 'organization', auth: { type: 'header', name: 'x-key', hint: '9Zz1' } })
    expect(await screen.findByRole('button', { name: 'Tools of Notes' })).toBeVisible()
  })

  it('says why a test failed, until something else is entered', async () => {
    const { user, state } = await open({ me: data.me('member', false) })
    await user.click(await screen.findByRole('button', { name: 'Add a server' }))
    await user.type(await screen.findByLabelText('Address'), 'https://notes.example.org/mcp')
    expect(screen.queryByRole('radio', { name: 'Organization' })).toBeNull()
    await user.click(screen.getByRole('radio', { name: 'Bearer token' }))
    await user.type(screen.getByLabelText('Token'), 'wrong')
    await user.click(screen.getByRole('button', { name: 'Test' }))

    expect(await screen.findByRole('alert')).toHaveTextContent('The server does not accept this sign-in, or wants one. Enter it again.')
    expect(state.toolSources).toHaveLength(0)
    await user.type(screen.getByLabelText('Token'), 'er')
    expect(screen.queryByRole('alert')).toBeNull()
  })
})

describe('a command', () => {
  it('is entered by operators, tried and added for everybody here, with its secrets kept', async () => {
    const { user, state } = await open({ me: data.me('admin', true) })
    await user.click(await screen.findByRole('button', { name: 'Add a server' }))
    await user.click(await screen.findByRole('radio', { name: 'Command' }))
    await user.type(screen.getByLabelText('Command', { selector: 'input:not([type=radio])' }), 'uvx')
    await user.type(screen.getByLabelText('Arguments'), 'mcp-server-time{Enter}--local-timezone=UTC')
    expect(screen.getByLabelText('Name')).toHaveValue('Time')
    await user.type(screen.getByLabelText('Secret variables'), 'TOKEN=abc=9Zz1')
    await user.click(screen.getByRole('button', { name: 'Test' }))
    expect(await screen.findByText(/It works: 1 tool/)).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Add' }))

    expect(await screen.findByText('Time is added. Its tools can be used now.')).toBeVisible()
    expect(state.toolSources[0]).toMatchObject({
      kind: 'mcp_stdio',
      for: 'instance',
      stdio: { command: 'uvx', args: ['mcp-server-time', '--local-timezone=UTC'], secrets: { TOKEN: '…9Zz1' } },
    })
    expect(await screen.findByText(/uvx mcp-server-time/)).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Log of Time' }))
    expect(await screen.findByRole('log', { name: 'Log of Time' })).toHaveTextContent('ready')
    await user.click(screen.getByRole('button', { name: 'Edit Time' }))
    expect(screen.getByLabelText('Secret variables')).toHaveValue('TOKEN=')
  })

  it('is not offered to others, and one of a setting is changed there', async () => {
    const stdio = { command: 'uvx', args: [], cwd: null, env: {}, secrets: {}, start_seconds: 30, call_seconds: 30, is_fixed: true }
    const { user } = await open({ me: data.me('admin', false), toolSources: [data.toolSource({ name: 'Time', kind: 'mcp_stdio', url: null, stdio, process: 'idle' })] })

    expect(await screen.findByText(/named by a setting/)).toHaveTextContent('idle')
    expect(screen.queryByRole('button', { name: 'Edit Time' })).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Add a server' }))
    expect(await screen.findByLabelText('Address')).toBeVisible()
    expect(screen.queryByRole('radio', { name: 'Command' })).toBeNull()
  })
})

describe('a source', () => {
  it('says how it is, and what went wrong', async () => {
    const { user, state } = await open({ toolSources: [data.toolSource({ health: down, for: 'instance' })] })

    expect(await screen.findByText('The server cannot be used: Nothing answers at this address. Check the address, and that it runs.')).toBeVisible()
    expect(screen.getByText('Everybody here')).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Refresh Tickets' }))
    expect(await screen.findByText('Available')).toBeVisible()
    expect(screen.queryByText(/cannot be used/)).toBeNull()
    expect(state.toolSources[0]?.health.status).toBe('up')
  })

  it('has its tools switched, and is switched off itself', async () => {
    const { user, state } = await open({ toolSources: [data.toolSource({ left_out: [{ name: 'odd', reason: 'too_large' }] })] })
    await user.click(await screen.findByRole('button', { name: 'Tools of Tickets' }))
    expect(await screen.findByText(/its schemas are too large/)).toBeVisible()
    await user.click(screen.getByRole('switch', { name: 'Use search' }))
    await waitFor(() => expect(state.toolSources[0]?.tools[0]?.enabled).toBe(false))

    await user.click(screen.getByRole('switch', { name: 'Use the tools of Tickets' }))
    expect(await screen.findByText('off')).toBeVisible()
    expect(state.toolSources[0]?.enabled).toBe(false)
  })

  it('shows what has changed about a tool, and has it approved', async () => {
    const { user, state } = await open({ toolSources: [data.toolSource({ tools: [changed()] })] })
    expect(await screen.findByText('1 waits for approval')).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Tools of Tickets' }))

    expect(await screen.findByText('old', { selector: 'del' })).toBeVisible()
    expect(screen.getByText('and mails them', { selector: 'ins' })).toBeVisible()
    expect(within(screen.getByLabelText('Schema')).getByText(/"to"/)).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Approve search' }))

    await waitFor(() => expect(screen.queryByText('1 waits for approval')).toBeNull())
    expect(state.toolSources[0]?.tools[0]?.changed).toBe(false)
    expect(screen.queryByRole('button', { name: 'Approve search' })).toBeNull()
  })

  it.each([
    [{ has_side_effects: false }, 'It says that it only reads: it is called without asking.'],
    [{ may_repeat: true }, 'A call of which nothing was heard again is made once more.'],
    [{ result_schema: { type: 'object' } }, /"type"/],
  ])('shows what has changed besides its words: %j', async (change, text) => {
    const tool = data.sourceTool('search', { changed: true, ...change, approved: { ...definition, title: 'search', description: 'What search is for.' } })
    const { user } = await open({ toolSources: [data.toolSource({ tools: [tool] })] })
    await user.click(await screen.findByRole('button', { name: 'Tools of Tickets' }))

    expect(await screen.findByText(text, { selector: 'ins' })).toBeVisible()
    expect(screen.queryByText('What the model is told')).toBeNull()
  })

  it('is not approved as something else than was shown', async () => {
    const { user, state } = await open({ toolSources: [data.toolSource({ tools: [data.sourceTool('later', { changed: true })] })] })
    await user.click(await screen.findByRole('button', { name: 'Tools of Tickets' }))
    await screen.findByRole('button', { name: 'Approve later' })
    Object.assign(state.toolSources[0]?.tools[0] ?? {}, { hash: 'another', description: 'Now it does more.' })
    await user.click(screen.getByRole('button', { name: 'Approve later' }))

    expect(await screen.findByRole('alert')).toHaveTextContent('This tool has changed again since it was shown. Look at it once more.')
    expect(await screen.findAllByText('Now it does more.')).not.toHaveLength(0)
    expect(state.toolSources[0]?.tools[0]?.changed).toBe(true)
  })

  it('is renamed, and wants its sign-in again for another address', async () => {
    const { user, state } = await open({ toolSources: [data.toolSource({ auth: { type: 'bearer', name: null, hint: '7Ka2' } })] })
    await user.click(await screen.findByRole('button', { name: 'Edit Tickets' }))
    await user.clear(await screen.findByLabelText('Name'))
    await user.type(screen.getByLabelText('Name'), 'Desk')
    expect(screen.getByText('Its tools keep their names, which begin with tickets.')).toBeVisible()
    expect(screen.getByLabelText('Token')).not.toBeRequired()
    await user.type(screen.getByLabelText('Address'), '/v2')
    expect(screen.getByLabelText('Token')).toBeRequired()
    expect(screen.getByText('The stored sign-in is not sent to another address. Enter it again.')).toBeVisible()
    await user.type(screen.getByLabelText('Token'), 'abc9Zz1')
    await user.click(screen.getByRole('button', { name: 'Save' }))

    await waitFor(() => expect(state.toolSources[0]).toMatchObject({ name: 'Desk', url: 'https://tickets.example.org/mcp/v2', auth: { hint: '9Zz1' } }))
  })

  it('is removed after a question', async () => {
    const { user, state } = await open({ toolSources: [data.toolSource()] })
    await user.click(await screen.findByRole('button', { name: 'Remove Tickets' }))
    expect(state.toolSources).toHaveLength(1)
    await user.click(screen.getByRole('button', { name: 'Remove Tickets' }))

    expect(await screen.findByText('No server has been added yet.')).toBeVisible()
  })

  it('of others is shown without what only they may know or do', async () => {
    const source = data.toolSource({ can_change: false, url: null, tools: [changed()] })
    const { user } = await open({ toolSources: [source], me: data.me('member', false) })
    await user.click(await screen.findByRole('button', { name: 'Tools of Tickets' }))

    expect(await screen.findByRole('switch', { name: 'Use search' })).toBeDisabled()
    expect(screen.queryByRole('button', { name: 'Edit Tickets' })).toBeNull()
    expect(screen.queryByRole('button', { name: 'Approve search' })).toBeNull()
  })
})
