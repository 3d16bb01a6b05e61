/** Where the focus is after something that had it is gone: never lost to the page as a whole. */
import { screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import * as data from './testing/fixtureData'
import { renderApp } from './testing/renderApp'

const row = (name: string) => screen.findByRole('link', { name: new RegExp(`^${name}`) })
const chats = ['One', 'Two', 'Three'].map((title, index) => data.session({ title, updated_at: new Date(Date.now() - index * 1_000).toISOString() }))
const open = () => renderApp('/', { sessions: structuredClone(chats) })

type User = Awaited<ReturnType<typeof renderApp>>['user']

async function choose(user: User, title: string, action: string) {
  await row(title)
  await user.click(screen.getByRole('button', { name: `Actions for ${title}` }))
  await user.click(await screen.findByRole('menuitem', { name: action }))
}

describe('the focus in the list of chats', () => {
  it('is on the one that stands in the place of a deleted one, and on the list when none is left', async () => {
    const { user } = await open()
    ;(await row('Two')).focus()
    await user.keyboard('{Delete}')
    await waitFor(async () => expect(await row('Three')).toHaveFocus())
    await user.keyboard('{Delete}')
    await waitFor(async () => expect(await row('One')).toHaveFocus())
    await user.keyboard('{Delete}')
    await screen.findByText(/Your chats will appear here/)
    expect(screen.getByRole('navigation', { name: 'Chats' })).toContainElement(document.activeElement as HTMLElement)
  })

  it('is there too when the menu deleted it, and after Undo', async () => {
    const { user } = await open()
    await choose(user, 'Two', 'Delete')
    await waitFor(async () => expect(await row('Three')).toHaveFocus())
    await user.click(await screen.findByRole('button', { name: 'Undo' }))
    expect(await row('Two')).toBeVisible()
    expect(await row('Three')).toHaveFocus()
  })

  it('goes along with a chat that is pinned', async () => {
    const { user } = await open()
    await choose(user, 'Three', 'Pin')
    await screen.findByRole('region', { name: 'Pinned' })
    const list = screen.getByRole('region', { name: 'Pinned' })
    await waitFor(() => expect(list).toContainElement(document.activeElement as HTMLElement))
  })
})

describe('the focus after what lay over the page', () => {
  it('is where it was before Ctrl-K', async () => {
    const { user } = await open()
    ;(await row('Two')).focus()
    await user.keyboard('{Control>}k{/Control}')
    await user.type(await screen.findByRole('combobox'), 'x{Escape}')
    await waitFor(async () => expect(await row('Two')).toHaveFocus())
  })

  it('is on the button that opened a form', async () => {
    const { user } = await renderApp('/settings/tools', { toolSources: [data.toolSource()] })
    await user.click(await screen.findByRole('button', { name: 'Edit Tickets' }))
    await user.type(await screen.findByLabelText('Name'), '{Escape}')
    await waitFor(() => expect(screen.getByRole('button', { name: 'Edit Tickets' })).toHaveFocus())
  })

  it('is on the button again whose question was answered with no, and in the list after yes', async () => {
    const { user } = await renderApp('/settings/tools', { toolSources: [data.toolSource()] })
    await user.click(await screen.findByRole('button', { name: 'Remove Tickets' }))
    await user.click(screen.getByRole('button', { name: 'Keep' }))
    expect(screen.getByRole('button', { name: 'Remove Tickets' })).toHaveFocus()
    await user.click(screen.getByRole('button', { name: 'Remove Tickets' }))
    await user.click(screen.getByRole('button', { name: 'Remove Tickets' }))
    expect(await screen.findByText('No server has been added yet.')).toBeVisible()
    expect(document.body).not.toHaveFocus()
  })
})
