/** Tools are switched for one chat at the composer, for all of a person's and everybody's chats in the settings. */
import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'

import type { FixtureState } from './testing/fixtureApi'
import * as data from './testing/fixtureData'
import { renderApp } from './testing/renderApp'

const tools = () => [data.tool('calculator'), data.tool('date_time'), data.tool('fetch', { source: 'web' })]
const off = { enabled: false, approval: null }
const none = { enabled: null, approval: null }

function firstSession(state: FixtureState): string {
  return state.sessions[0]?.id ?? ''
}

const openPicker = async (user: Awaited<ReturnType<typeof renderApp>>['user'], name: string) => {
  await user.click(await screen.findByRole('button', { name }))
  return within(await screen.findByRole('dialog', { name: 'Tools in this chat' }))
}

describe('the tools of one chat', () => {
  it('are counted quietly, switched at once, and the chat remembers', async () => {
    const session = data.session()
    const { user, state } = await renderApp(`/chat/${session.id}`, { tools: tools(), sessions: [session] })
    const list = await openPicker(user, '3 tools')
    await user.click(await list.findByRole('switch', { name: 'Use Dates and times' }))

    expect(list.getByRole('switch', { name: 'Use Dates and times' })).not.toBeChecked()
    expect(await screen.findByText('2 of 3 tools')).toBeVisible()
    await waitFor(() => expect(state.chatTools[`${firstSession(state)}/date_time`]?.enabled).toBe(false))
    await user.click(list.getByRole('switch', { name: 'Use Dates and times' }))
    await waitFor(() => expect(state.chatTools[`${firstSession(state)}/date_time`]?.enabled).toBeNull())
  })

  it('say who has switched one off above, and leave it so', async () => {
    const locked = [
      data.tool('calculator', { policies: { organization: off, me: none, session: null } }),
      data.tool('date_time', { policies: { organization: none, me: off, session: null } }),
    ]
    const session = data.session()
    const { user } = await renderApp(`/chat/${session.id}`, { tools: locked, sessions: [session] })
    const list = await openPicker(user, '0 of 2 tools')

    expect(await list.findByRole('switch', { name: 'Use Calculator' })).toBeDisabled()
    expect(list.getByRole('switch', { name: 'Use Calculator' })).toHaveAccessibleDescription('Switched off by an administrator')
    expect(list.getByRole('switch', { name: 'Use Dates and times' })).toHaveAccessibleDescription('Switched off by you for all your chats')
  })

  it('go back to what they were where the server refuses', async () => {
    const session = data.session()
    const { user } = await renderApp(`/chat/${session.id}`, { tools: tools(), sessions: [session] })
    const list = await openPicker(user, '3 tools')
    const answer = globalThis.fetch
    vi.stubGlobal('fetch', (input: Request) =>
      input.method === 'PATCH' ? Promise.resolve(Response.json({ error: { code: 'tools.locked_by_organization', message: '' } }, { status: 409 })) : answer(input),
    )
    await user.click(await list.findByRole('switch', { name: 'Use Fetch' }))

    expect(await screen.findByText('An administrator has decided this for everybody in the organization.')).toBeVisible()
    expect(list.getByRole('switch', { name: 'Use Fetch' })).toBeChecked()
  })

  it('can be chosen before the first question, and are so when it goes out', async () => {
    const { user, state, router } = await renderApp('/', { tools: tools() })
    const list = await openPicker(user, '3 tools')
    await user.click(await list.findByRole('switch', { name: 'Use Fetch' }))
    expect(await screen.findByText('2 of 3 tools')).toBeVisible()
    expect(state.chatTools).toEqual({})
    await user.keyboard('{Escape}')
    await user.type(screen.getByRole('textbox', { name: 'Your question' }), 'What day is it?{Enter}')

    await waitFor(() => expect(router.state.location.pathname).toMatch(/^\/chat\//))
    const id = router.state.location.pathname.split('/')[2] ?? ''
    expect(state.chatTools).toEqual({ [`${id}/fetch`]: off })
  })
})

describe('the settings of tools', () => {
  it('switch a tool and its approval for oneself', async () => {
    const { user, state } = await renderApp('/settings/tools', { tools: tools(), me: data.me('member', false) })
    await user.click(await screen.findByRole('switch', { name: 'Use Fetch' }))
    await user.selectOptions(screen.getByLabelText('Approval of Calculator'), 'ask')

    await waitFor(() => expect(state.tools[0]?.policies.me.approval).toBe('ask'))
    expect(state.tools[2]?.policies.me.enabled).toBe(false)
    expect(screen.queryByRole('tab')).toBeNull()
  })

  it('switch for everybody, by those who may', async () => {
    const { user, state } = await renderApp('/settings/tools', { tools: tools() })
    await user.click(await screen.findByRole('tab', { name: 'For everybody' }))
    await user.click(screen.getByRole('switch', { name: 'Use Fetch' }))
    await waitFor(() => expect(state.tools[2]?.policies.organization.enabled).toBe(false))

    await user.click(screen.getByRole('tab', { name: 'For me' }))
    expect(screen.getByRole('switch', { name: 'Use Fetch' })).toBeDisabled()
    expect(screen.getByText('Switched off by an administrator')).toBeVisible()
  })

  it('say who wants each call approved', async () => {
    await renderApp('/settings/tools', { tools: [data.tool('fetch', { locks: { enabled: null, approval: 'instance' } })] })

    expect(await screen.findByText('Those who run this server want each call approved')).toBeVisible()
    expect(screen.queryByLabelText('Approval of Fetch')).toBeNull()
  })
})
