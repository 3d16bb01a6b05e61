/** The frame of the settings: which pages there are for whom, and that every list is read to its end. */
import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'

import type { Me } from '@/shared/api'

import type { FixtureState } from './testing/fixtureApi'
import * as data from './testing/fixtureData'
import { renderApp } from './testing/renderApp'

function alone(): Me {
  const me = data.me('admin', false)
  return { ...me, organization: { ...me.organization, kind: 'personal' } }
}

const pageNames = async () => {
  const pages = await screen.findByRole('navigation', { name: 'Settings' })
  return within(pages)
    .getAllByRole('link')
    .map((link) => link.textContent)
}

describe('the pages of the settings', () => {
  it.each([
    ['an administrator who runs the server', data.me(), ['People', 'Operations']],
    ['an administrator', data.me('admin', false), ['People']],
    ['a member', data.me('member', false), []],
    ['somebody alone', alone(), []],
  ])('offer %s what is open to them', async (_, me, others) => {
    await renderApp('/settings/profile', { me })

    expect(await pageNames()).toEqual(['Profile', 'Password and logins', 'API keys', 'Tools', 'Models', ...others])
  })

  it.each([
    ['people', data.me('member', false), /for administrators of Example Ltd/],
    ['people', alone(), /alone in your personal organization/],
    ['operations', data.me('admin', false), /for those who run this server/],
  ])('say at the address of a closed one (%s) why it is closed', async (path, me, words) => {
    await renderApp(`/settings/${path}`, { me })

    expect(await screen.findByText(words)).toBeVisible()
    expect(screen.queryByRole('button', { name: /Create link|Try again/ })).toBeNull()
  })

  it('begin at the first where there is room for their names beside it', async () => {
    const { router } = await renderApp('/settings')

    await waitFor(() => expect(router.state.location.pathname).toBe('/settings/profile'))
    expect(await screen.findByRole('heading', { level: 1, name: 'Profile' })).toBeInTheDocument()
  })

  it('are a list of their own on a phone, and each leads back to it', async () => {
    vi.stubGlobal('matchMedia', phone)
    const { user, router } = await renderApp('/settings')
    await user.click(await screen.findByRole('link', { name: 'API keys' }))
    expect(await screen.findByLabelText('What is it for?')).toBeVisible()

    await user.click(screen.getByRole('link', { name: 'Settings' }))

    await waitFor(() => expect(router.state.location.pathname).toBe('/settings'))
    expect(await screen.findByRole('heading', { level: 1, name: 'Settings' })).toBeVisible()
  })

  it('are commands of the palette, as far as they are open', async () => {
    const { user } = await renderApp('/settings/profile', { me: data.me('member', false) })
    await screen.findByLabelText('Name')
    await user.keyboard('{Control>}k{/Control}')
    const palette = within(await screen.findByRole('dialog'))

    expect(await palette.findByText('Password and logins')).toBeVisible()
    expect(palette.queryByText('People')).toBeNull()
  })
})

const phone = (query: string) => ({
  matches: query === '(width < 760px)',
  media: query,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
})

const ROWS = 205
const many = <Item,>(make: (index: number) => Item): Item[] => Array.from({ length: ROWS }, (_, index) => make(index))
const named = (index: number) => `Row ${String(index)}.`

const LISTS: [name: string, path: string, change: Partial<FixtureState>][] = [
  ['API keys', 'keys', { apiKeys: many((index) => ({ ...data.apiKey(), name: named(index) })) }],
  ['people', 'people', { people: many((index) => ({ ...data.people('')[1]!, user_id: `person-${String(index)}`, name: named(index) })) }],
  ['invitations', 'people', { people: [], invites: many((index) => ({ ...data.invite(), email: named(index) })) }],
  ['logins', 'logins', { logins: many((index) => ({ ...data.logins()[1]!, user_agent: named(index) })) }],
  ['connections', 'models', { connections: many((index) => ({ ...data.connection(), name: named(index) })) }],
  ['jobs', 'operations', { jobs: many((index) => ({ ...data.job(index), name: named(index) })) }],
]

describe('a list longer than any one page', () => {
  it.each(LISTS)('of %s is shown to its last row, and says how much of it is shown', async (_, path, change) => {
    const { user } = await renderApp(`/settings/${path}`, change)
    expect(await screen.findByText('The first 50 are shown.')).toBeVisible()
    expect(screen.queryByText(named(50))).toBeNull()

    for (const shown of ['100', '150', '200']) {
      await user.click(screen.getByText('Show more'))
      expect(await screen.findByText(`The first ${shown} are shown.`)).toBeVisible()
    }
    await user.click(screen.getByText('Show more'))

    expect(await screen.findByText('205 in all')).toBeVisible()
    expect(screen.getAllByText(/^Row \d+\.$/)).toHaveLength(ROWS)
    expect(screen.queryByText('Show more')).toBeNull()
  })

  it('goes on at the first new row for whoever asked by keyboard', async () => {
    const { user } = await renderApp('/settings/keys', LISTS[0]![2])
    const more = await screen.findByText('Show more')
    more.closest('button')?.focus()
    await user.keyboard('{Enter}')

    await screen.findByText('The first 100 are shown.')
    expect(screen.getByText(named(50)).closest('li')).toHaveFocus()
  })

  it('says that its next page did not come, and asks again', async () => {
    const { user } = await renderApp('/settings/keys', LISTS[0]![2])
    await screen.findByText('Show more')
    const answer = globalThis.fetch
    vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ error: { code: 'identity.account_suspended', message: '' } }, { status: 403 })))
    await user.click(screen.getByText('Show more'))
    expect(await screen.findByRole('alert')).toHaveTextContent('This account is suspended.')
    expect(screen.getByText(named(0))).toBeVisible()

    vi.stubGlobal('fetch', answer)
    await user.click(screen.getByText('Show more'))

    expect(await screen.findByText('The first 100 are shown.')).toBeVisible()
    expect(screen.queryByRole('alert')).toBeNull()
  })
})
