import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import { me, session } from './testing/fixtureData'
import { renderApp } from './testing/renderApp'

const row = (name: string) => screen.findByRole('link', { name: new RegExp(`^${name}`) })

async function openMenu(user: Awaited<ReturnType<typeof renderApp>>['user'], title: string) {
  await row(title)
  await user.click(screen.getByRole('button', { name: `Actions for ${title}` }))
}

describe('the session list', () => {
  it('groups chats and says what each is doing', async () => {
    await renderApp('/')

    const pinned = await screen.findByRole('region', { name: 'Pinned' })
    expect(within(pinned).getByRole('link', { name: 'Delivery routes for Porto Answering' })).toBeVisible()
    const today = screen.getByRole('region', { name: 'Today' })
    expect(within(today).getByRole('link', { name: 'Letter to the landlord Waiting for you' })).toBeVisible()
    expect(screen.getByRole('region', { name: 'Yesterday' })).toBeVisible()
  })

  it('invites to begin where there is no chat yet', async () => {
    await renderApp('/', { sessions: [] })

    expect(await screen.findByText(/Your chats will appear here/)).toBeVisible()
    expect(screen.getAllByRole('heading', { level: 1 }).map(({ textContent }) => textContent)).toEqual(['What are we working on?'])
  })

  it('fetches older chats page by page', async () => {
    const sessions = Array.from({ length: 5 }, (_, index) => session({ title: `Chat ${index}` }))
    const { user } = await renderApp('/', { sessions, pageSize: 3 })
    await row('Chat 0')
    expect(screen.getAllByRole('link', { name: /^Chat \d/ })).toHaveLength(3)

    await user.click(screen.getByRole('button', { name: 'Show older chats' }))

    await waitFor(() => expect(screen.getAllByRole('link', { name: /^Chat \d/ })).toHaveLength(5))
  })

  it('keeps what programs began apart, but for what is pinned', async () => {
    const program = (title: string, change = {}) => session({ title, origin: 'openai', ...change })
    const { user } = await renderApp('/', {
      sessions: [session({ title: 'Mine' }), program('Nightly report'), program('Kept report', { pinned: true })],
    })
    await row('Mine')
    expect(await row('Kept report')).toBeVisible()
    expect(screen.queryByRole('link', { name: /^Nightly report/ })).not.toBeInTheDocument()

    await user.click(await screen.findByRole('button', { name: 'From programs' }))
    expect(await row('Nightly report')).toBeVisible()
    expect(screen.queryByRole('link', { name: /^Mine/ })).not.toBeInTheDocument()

    await user.click(screen.getByRole('button', { name: 'Your chats' }))
    expect(await row('Mine')).toBeVisible()
  })

  it('shows the list of what is opened directly, until another is chosen, and no answer of a program as new', async () => {
    const report = session({ title: 'Nightly report', origin: 'api', run_status: 'done', updated_at: new Date(Date.now() + 60_000).toISOString() })
    const other = { ...report, id: crypto.randomUUID(), title: 'Weekly report' }
    const { user } = await renderApp(`/chat/${report.id}`, { sessions: [session({ title: 'Mine' }), report, other] })
    expect(await screen.findByRole('heading', { name: 'From programs' })).toBeVisible()
    expect(await row('Nightly report')).toHaveAttribute('aria-current', 'page')
    expect(await screen.findByRole('link', { name: 'Weekly report' })).toBeVisible()

    await user.click(screen.getByRole('button', { name: 'Your chats' }))
    expect(await row('Mine')).toBeVisible()
    expect(screen.queryByRole('heading', { name: 'From programs' })).not.toBeInTheDocument()
  })

  it('says nothing of programs where none has asked', async () => {
    await renderApp('/', { sessions: [session({ title: 'Mine' })] })
    await row('Mine')

    expect(screen.queryByRole('button', { name: 'From programs' })).not.toBeInTheDocument()
  })

  it('renames in place', async () => {
    const { user, state } = await renderApp('/')
    await openMenu(user, 'Forecast for Q1 stock')
    await user.click(await screen.findByRole('menuitem', { name: 'Rename' }))

    const field = await screen.findByRole('textbox', { name: 'Name of the chat' })
    await user.clear(field)
    await user.type(field, 'Stock in spring{Enter}')

    expect(await row('Stock in spring')).toBeVisible()
    expect(await row('Stock in spring')).toHaveFocus()
    await waitFor(() => expect(state.sessions.some(({ title }) => title === 'Stock in spring')).toBe(true))
  })

  it('takes no Enter that belongs to an input method', async () => {
    const { user, state } = await renderApp('/')
    await openMenu(user, 'Forecast for Q1 stock')
    await user.click(await screen.findByRole('menuitem', { name: 'Rename' }))
    const field = await screen.findByRole('textbox', { name: 'Name of the chat' })
    await user.clear(field)
    await user.type(field, '株価')

    // Safari tells of the Enter that ends a composition when the composition is over.
    fireEvent.keyDown(field, { key: 'Enter', keyCode: 229 })
    fireEvent.keyDown(field, { key: 'Escape', keyCode: 229 })
    expect(field).toBeVisible()
    expect(state.sessions.some(({ title }) => title === '株価')).toBe(false)

    fireEvent.keyDown(field, { key: 'Enter', keyCode: 13 })
    expect(await row('株価')).toBeVisible()
  })

  it('leaves the name alone on Escape', async () => {
    const { user } = await renderApp('/')
    await openMenu(user, 'Forecast for Q1 stock')
    await user.click(await screen.findByRole('menuitem', { name: 'Rename' }))

    await user.type(await screen.findByRole('textbox', { name: 'Name of the chat' }), 'x{Escape}')

    expect(await row('Forecast for Q1 stock')).toBeVisible()
  })

  it('pins and unpins', async () => {
    const { user } = await renderApp('/')
    await openMenu(user, 'Percentages and rounding')
    await user.click(await screen.findByRole('menuitem', { name: 'Pin' }))

    await waitFor(() =>
      expect(within(screen.getByRole('region', { name: 'Pinned' })).getByRole('link', { name: /^Percentages/ })).toBeVisible(),
    )
  })

  it('deletes at once and brings back on Undo', async () => {
    const { user, state } = await renderApp('/')
    await openMenu(user, 'Regex for order numbers')
    await user.click(await screen.findByRole('menuitem', { name: 'Delete' }))
    await waitFor(() => expect(screen.queryByRole('link', { name: /^Regex/ })).toBeNull())
    await waitFor(() => expect(state.deleted).toHaveLength(1))

    await user.click(await screen.findByRole('button', { name: 'Undo' }))

    expect(await row('Regex for order numbers')).toBeVisible()
  })

  it('goes to a new chat when the open one is deleted', async () => {
    const open = session({ title: 'Short lived' })
    const { user, router } = await renderApp(`/chat/${open.id}`, { sessions: [open] })
    await openMenu(user, 'Short lived')
    await user.click(await screen.findByRole('menuitem', { name: 'Delete' }))

    await waitFor(() => expect(router.state.location.pathname).toBe('/'))
  })
})

describe('the session list of somebody who may only read', () => {
  it('opens chats, and offers neither a new one nor a change', async () => {
    const { user } = await renderApp('/settings/profile', { me: me('viewer', false) })
    const list = await screen.findByRole('navigation', { name: 'Chats' })
    const row = await within(list).findByRole('link', { name: /Percentages/ })
    row.focus()
    await user.keyboard('{F2}{Delete}')

    expect(within(list).getByRole('link', { name: /Percentages/ })).toHaveFocus()
    expect(within(list).queryByRole('button', { name: /Actions for/ })).toBeNull()
    expect(screen.queryAllByRole('link', { name: /^New chat/ }).filter((link) => link.getAttribute('href') === '/')).toEqual([])
  })
})

describe('the palette', () => {
  it('opens with Ctrl-K, finds a chat by its words and goes there with Enter', async () => {
    const { user, router, state } = await renderApp('/')
    await row('Seating plan')
    await user.keyboard('{Control>}k{/Control}')

    await user.type(await screen.findByRole('combobox'), 'seating')
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(1))
    await user.keyboard('{Enter}')

    const wanted = state.sessions.find(({ title }) => title?.startsWith('Seating'))
    await waitFor(() => expect(router.state.location.pathname).toBe(`/chat/${wanted?.id}`))
    expect(screen.queryByRole('combobox')).toBeNull()
  })

  it('shows where the words stand, and leads there', async () => {
    const chat = session({ title: 'Travel' })
    const hits = { [chat.id]: { message_id: 'm7', role: 'assistant' as const, snippet: '… in Lisbon along the river …' } }
    const { user, router } = await renderApp('/', { sessions: [chat, session({ title: 'Other' })], hits })
    await row('Travel')
    await user.keyboard('{Control>}k{/Control}')
    await user.type(await screen.findByRole('combobox'), 'lisbon')

    const option = await screen.findByRole('option', { name: /Travel.*Answer … in Lisbon along the river …/ })
    expect(within(option).getByText('Lisbon').tagName).toBe('MARK')
    await user.click(option)
    await waitFor(() => expect(router.state.location.pathname).toBe(`/chat/${chat.id}`))
  })

  it('leaves Enter and arrows to an input method that is open', async () => {
    const { user, router } = await renderApp('/')
    await row('Forecast for Q1 stock')
    await user.keyboard('{Control>}k{/Control}')
    const field = await screen.findByRole('combobox')
    await user.type(field, 'seating')
    await screen.findByRole('option', { name: /seating/i })
    const chosen = field.getAttribute('aria-activedescendant')

    for (const key of ['ArrowDown', 'Enter']) fireEvent.keyDown(field, { key, keyCode: 229 })

    expect(field).toBeVisible()
    expect(field).toHaveAttribute('aria-activedescendant', chosen)
    expect(router.state.location.pathname).toBe('/')
  })

  it('runs commands with the arrow keys', async () => {
    const { user, router } = await renderApp('/')
    await row('Seating plan')
    await user.keyboard('{Control>}k{/Control}')

    await user.type(await screen.findByRole('combobox'), 'api')
    await waitFor(() => expect(screen.getByRole('option', { name: 'API keys' })).toHaveAttribute('aria-selected', 'true'))
    await user.keyboard('{Enter}')

    await waitFor(() => expect(router.state.location.pathname).toBe('/settings/keys'))
  })
})

describe('signing out', () => {
  it('ends the login, shows the sign-in page, and keeps nothing of the person', async () => {
    const { user, router, state, queryClient } = await renderApp('/')
    await user.click(await screen.findByRole('button', { name: /Yara Nunes/ }))
    await user.click(await screen.findByRole('menuitem', { name: 'Sign out' }))

    await waitFor(() => expect(router.state.location.pathname).toBe('/sign-in'))
    expect(state.hasLogin).toBe(false)
    await waitFor(() => expect(new Set(queryClient.getQueryCache().getAll().map(({ queryKey }) => queryKey[0]))).toEqual(new Set(['auth'])))
  })
})

describe('an unknown address', () => {
  it('is said to lead nowhere', async () => {
    await renderApp('/nowhere')

    expect(await screen.findByRole('heading', { name: 'There is nothing here' })).toBeVisible()
  })
})
