import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import type { Connection } from '@/shared/api'

import { connection, me } from './testing/fixtureData'
import { renderApp } from './testing/renderApp'

describe('the profile', () => {
  it('saves a new name', async () => {
    const { user, state } = await renderApp('/settings/profile')
    const field = await screen.findByLabelText('Name')
    expect(screen.getByRole('button', { name: 'Save name' })).toBeDisabled()

    await user.clear(field)
    await user.type(field, 'Yara N.')
    await user.click(screen.getByRole('button', { name: 'Save name' }))

    expect(await screen.findByText('Name saved.')).toBeVisible()
    expect(state.me.user.name).toBe('Yara N.')
  })

  it('speaks Portuguese at once and remembers it for the account', async () => {
    const { user, state } = await renderApp('/settings/profile')

    await user.selectOptions(await screen.findByLabelText('Language'), 'pt-BR')

    expect(await screen.findByRole('heading', { level: 1, name: 'Perfil' })).toBeVisible()
    expect(document.documentElement.lang).toBe('pt-BR')
    expect(state.me.user.locale).toBe('pt-BR')

    await user.selectOptions(screen.getByLabelText('Idioma'), 'en')
    expect(await screen.findByRole('heading', { level: 1, name: 'Profile' })).toBeVisible()
  })

  it('forces dark, and gives the choice back to the system', async () => {
    const { user } = await renderApp('/settings/profile')

    await user.click(await screen.findByRole('radio', { name: 'Dark' }))
    expect(document.documentElement.dataset['theme']).toBe('dark')

    await user.click(screen.getByRole('radio', { name: 'System' }))
    expect(document.documentElement.dataset['theme']).toBeUndefined()
  })
})

describe('logins', () => {
  it('changes the password only against the current one', async () => {
    const { user, state } = await renderApp('/settings/logins')
    await user.type(await screen.findByLabelText('Current password'), 'guess')
    await user.type(screen.getByLabelText('New password'), 'a longer sentence')
    await user.click(screen.getByRole('button', { name: 'Change password' }))
    expect(await screen.findByText('This is not your current password.')).toBeVisible()

    await user.clear(screen.getByLabelText('Current password'))
    await user.type(screen.getByLabelText('Current password'), 'correct horse')
    await user.click(screen.getByRole('button', { name: 'Change password' }))

    expect(await screen.findByText('Password changed.')).toBeVisible()
    expect(state.password).toBe('a longer sentence')
  })

  it('says which API keys outlive a change of password, and revokes them', async () => {
    const { user, state } = await renderApp('/settings/logins')
    const count = state.apiKeys.length
    await user.type(await screen.findByLabelText('Current password'), 'correct horse')
    await user.type(screen.getByLabelText('New password'), 'a longer sentence')
    await user.click(screen.getByRole('button', { name: 'Change password' }))
    expect(await screen.findByText(`${String(count)} API keys of yours still work.`)).toBeVisible()

    await user.click(screen.getByRole('button', { name: 'Revoke all your API keys' }))
    await user.click(screen.getByRole('button', { name: 'Revoke all your API keys' }))

    expect(await screen.findByText('All your API keys in this organization are revoked.')).toBeVisible()
    expect(state.apiKeys).toEqual([])
  })

  it('ends another login, not this one', async () => {
    const { user } = await renderApp('/settings/logins')
    expect(await screen.findByText('Chrome, Linux')).toBeVisible()

    await user.click(screen.getByRole('button', { name: 'End login: Safari, iOS' }))

    await waitFor(() => expect(screen.queryByText('Safari, iOS')).toBeNull())
    expect(screen.queryByRole('button', { name: /End login/ })).toBeNull()
  })
})

describe('API keys', () => {
  it('shows a new key once, with snippets that hold it', async () => {
    const { user } = await renderApp('/settings/keys')
    await user.type(await screen.findByLabelText('What is it for?'), 'Report')
    await user.click(screen.getByRole('button', { name: 'Create key' }))

    expect(await screen.findByText('sk-coda-4Jw8cT1xR6pLq0ZbN3vYs7Ka')).toBeVisible()
    expect(screen.getByText(/Bearer sk-coda-4Jw8cT1xR6pLq0ZbN3vYs7Ka/)).toHaveTextContent('coda-agent/demo/coda')
    await user.click(screen.getByRole('tab', { name: 'Python' }))
    expect(screen.getByText(/from openai import OpenAI/)).toHaveTextContent('api_key="sk-coda-4Jw8cT1xR6pLq0ZbN3vYs7Ka"')
    expect(screen.getAllByRole('button', { name: /^Revoke/ })).toHaveLength(3)
  })

  it('may chat and read, unless the person says otherwise', async () => {
    const { user, state } = await renderApp('/settings/keys', { apiKeys: [] })
    await user.type(await screen.findByLabelText('What is it for?'), 'Backup')
    expect(screen.getByRole('checkbox', { name: 'Chat' })).toBeChecked()
    expect(screen.getByRole('checkbox', { name: 'Administer' })).not.toBeChecked()
    await user.click(screen.getByRole('checkbox', { name: 'Chat' }))
    await user.click(screen.getByRole('checkbox', { name: 'Read' }))
    await user.click(screen.getByRole('button', { name: 'Create key' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('Choose at least one.')
    expect(state.apiKeys).toHaveLength(0)

    await user.click(screen.getByRole('checkbox', { name: 'Administer' }))
    await user.click(screen.getByRole('button', { name: 'Create key' }))

    expect(await screen.findByText(/api\/v1\/me/)).toBeVisible()
    expect(state.apiKeys[0]?.scopes).toEqual(['admin'])
    const row = within(screen.getByRole('button', { name: 'Revoke Backup' }).closest('li')!)
    expect(row.getByText('Administer')).toBeVisible()
    expect(row.queryByText('Read')).toBeNull()
  })

  it.each([
    ['viewer', ['Read']],
    ['member', ['Chat', 'Read']],
    ['admin', ['Chat', 'Read', 'Administer']],
  ] as const)('offers a %s the scopes that their rights can fill', async (role, names) => {
    await renderApp('/settings/keys', { me: me(role, false) })
    await screen.findByLabelText('What is it for?')

    expect(screen.getAllByRole<HTMLInputElement>('checkbox').map((box) => box.labels?.[0]?.textContent)).toEqual(names)
  })

  it('revokes only after a second press in the row', async () => {
    const { user, state } = await renderApp('/settings/keys')
    await user.click(await screen.findByRole('button', { name: 'Revoke Nightly report' }))
    expect(state.apiKeys).toHaveLength(2)

    await user.click(screen.getByRole('button', { name: 'Revoke Nightly report' }))

    await waitFor(() => expect(screen.queryByText('Nightly report')).toBeNull())
    expect(state.apiKeys).toHaveLength(1)
  })

  it('says how to begin where there is none', async () => {
    await renderApp('/settings/keys', { apiKeys: [] })

    expect(await screen.findByText(/You have no key yet/)).toBeVisible()
  })
})

describe('people', () => {
  it('gives a one-time link for an address', async () => {
    const { user } = await renderApp('/settings/people')
    await user.type(await screen.findByLabelText('E-mail'), 'rita@example.org')
    await user.selectOptions(screen.getByLabelText('Role'), 'viewer')
    await user.click(screen.getByRole('button', { name: 'Create link' }))

    expect(await screen.findByText('https://coda.example/invite?token=9hQ2vWm7Zk4TqXy0')).toBeVisible()
    expect(await screen.findByRole('button', { name: 'Withdraw the invitation of rita@example.org' })).toBeVisible()
  })

  it('warns of an address that looks like another', async () => {
    const { user } = await renderApp('/settings/people')
    await user.type(await screen.findByLabelText('E-mail'), 'аda@example.org')
    await user.click(screen.getByRole('button', { name: 'Create link' }))

    const warnings = await screen.findAllByText(/This is not/)
    // Beside the link, and in the list of what is open.
    expect(warnings.map(({ textContent }) => textContent)).toEqual(Array(2).fill('This is not ada@example.org: some letters are of another alphabet. '))
  })

  it('changes a role and suspends, but not oneself', async () => {
    const { user, state } = await renderApp('/settings/people')
    await user.selectOptions(await screen.findByLabelText('Role of Tom Becker'), 'admin')
    await waitFor(() => expect(state.people[1]?.role).toBe('admin'))

    const tom = screen.getByText('Tom Becker').closest('li')!
    await user.click(within(tom).getByRole('button', { name: 'Suspend' }))
    expect(await within(tom).findByText('suspended')).toBeVisible()
    expect(screen.getByLabelText('Role of Yara Nunes')).toBeDisabled()
  })
})

describe('models', () => {
  it('connects a provider after trying the key, and its models are there', async () => {
    const { user, state } = await renderApp('/settings/models')
    await user.click(await screen.findByRole('button', { name: 'Connect a model' }))
    await user.type(await screen.findByLabelText('Key'), 'sk-proj-right')
    await user.click(screen.getByRole('button', { name: 'Test and save' }))

    expect(await screen.findByText('Connected: 2 models')).toBeVisible()
    expect(state.connections).toHaveLength(1)
    const choice = screen.getByLabelText('Which model answers new chats?')
    expect(choice).toHaveValue('openai/gpt-5.2')
    await user.click(screen.getByRole('button', { name: 'Try it' }))
    expect(await screen.findByText(/It answered in \d+ ms/)).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Use for new chats' }))

    expect(await screen.findByText('New chats are answered by gpt-5.2.')).toBeVisible()
    expect(state.models.chosen_default).toBe('openai/gpt-5.2')
    await waitFor(() => expect(screen.getByLabelText('Used where nothing else is chosen')).toHaveValue('openai/gpt-5.2'))
  })

  it('says that the model that shall answer new chats does not, and leaves them as they are', async () => {
    const { user, state } = await renderApp('/settings/models')
    await user.click(await screen.findByRole('button', { name: 'Connect a model' }))
    await user.type(await screen.findByLabelText('Key'), 'sk-proj-right')
    await user.click(screen.getByRole('button', { name: 'Test and save' }))
    await user.selectOptions(await screen.findByLabelText('Which model answers new chats?'), 'gpt-5.2-mini')
    await user.click(screen.getByRole('button', { name: 'Try it' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('This model is not available here.')

    await user.click(screen.getByRole('button', { name: 'Keep coda' }))

    // Else the first of the new ones by name would answer everybody.
    await waitFor(() => expect(state.models.chosen_default).toBe('demo/coda'))
  })

  it('keeps nothing when the provider refuses the key', async () => {
    const { user, state } = await renderApp('/settings/models')
    await user.click(await screen.findByRole('button', { name: 'Connect a model' }))
    await user.type(await screen.findByLabelText('Key'), 'sk-ant-wrong')
    expect(screen.getByRole('radio', { name: 'Anthropic' })).toBeChecked()
    await user.click(screen.getByRole('button', { name: 'Test and save' }))

    expect(await screen.findByRole('alert')).toHaveTextContent('The provider refused this key.')
    expect(state.connections).toHaveLength(0)
  })

  it('takes the address of a compatible server as it is typed, and says nothing of recognising its key', async () => {
    const { user } = await renderApp('/settings/models')
    await user.click(await screen.findByRole('button', { name: 'Connect a model' }))
    expect(await screen.findByText(/the provider is recognised from it/)).toBeVisible()
    await user.click(screen.getByRole('radio', { name: 'OpenAI-compatible' }))
    await user.type(screen.getByLabelText('Address'), '127.0.0.1:8080/v1')
    expect(screen.getByLabelText('Address')).toBeValid()
    expect(screen.queryByText(/the provider is recognised from it/)).not.toBeInTheDocument()
  })

  it('asks Ollama for an address only', async () => {
    const { user } = await renderApp('/settings/models')
    await user.click(await screen.findByRole('button', { name: 'Connect a model' }))
    await user.click(await screen.findByRole('radio', { name: 'Ollama' }))

    expect(screen.getByLabelText('Address')).toHaveValue('http://localhost:11434')
    expect(screen.queryByLabelText('Key')).toBeNull()
  })

  it('shows a member the models without what only an administrator may do', async () => {
    await renderApp('/settings/models', { me: me('member', false) })

    expect(await screen.findByText('An administrator can change it.')).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Connect a model' })).toBeNull()
  })
})

describe('connections', () => {
  const ofInstance = (change: Partial<Connection> = {}): Connection => ({ ...connection(), name: 'House', for: 'instance', visible_to: 'all', ...change })

  it('stand under those whose they are, and may be changed by those who may', async () => {
    const known = ofInstance({ can_change: false, base_url: null, key_hint: null, visible_to: null })
    await renderApp('/settings/models', { connections: [known, { ...connection(), name: 'Team' }], me: me('admin', false) })

    const house = within((await screen.findByRole('heading', { name: 'For everybody here' })).closest('section')!)
    expect(house.getByText('House')).toBeVisible()
    expect(house.queryByRole('button')).toBeNull()
    const own = within(screen.getByRole('heading', { name: 'This organization' }).closest('section')!)
    expect(own.getByRole('button', { name: 'Edit Team' })).toBeVisible()
  })

  it('change what was edited and nothing else', async () => {
    const { user, state } = await renderApp('/settings/models', { connections: [{ ...connection(), name: 'Team' }] })
    await user.click(await screen.findByRole('button', { name: 'Edit Team' }))
    await user.clear(await screen.findByLabelText('Name'))
    await user.type(screen.getByLabelText('Name'), 'Team two')
    await user.click(screen.getByRole('button', { name: 'Save' }))

    expect(await screen.findByText('Connection saved.')).toBeVisible()
    expect(state.connections[0]).toMatchObject({ name: 'Team two', key_hint: '7Ka2', base_url: 'https://models.example.org/v1' })
  })

  it('want the key again for another address', async () => {
    const { user, state } = await renderApp('/settings/models', { connections: [{ ...connection(), name: 'Team' }] })
    await user.click(await screen.findByRole('button', { name: 'Edit Team' }))
    await user.type(await screen.findByLabelText('Address'), '/other')
    expect(screen.getByLabelText('Key')).toBeRequired()
    expect(screen.getByLabelText('Key')).toHaveAccessibleDescription(/Enter the key again/)
    await user.click(screen.getByRole('button', { name: 'Save' }))
    expect(state.connections[0]?.base_url).toBe('https://models.example.org/v1')

    await user.type(screen.getByLabelText('Key'), 'sk-new-9Zz1')
    await user.click(screen.getByRole('button', { name: 'Save' }))

    await waitFor(() => expect(state.connections[0]).toMatchObject({ base_url: 'https://models.example.org/v1/other', key_hint: '9Zz1' }))
  })

  it('of the instance are narrowed to some organizations by an operator', async () => {
    const { user, state } = await renderApp('/settings/models', { connections: [ofInstance()] })
    await user.click(await screen.findByRole('button', { name: 'Edit House' }))
    await user.click(await screen.findByRole('radio', { name: 'Some organizations' }))
    expect(screen.getByRole('checkbox', { name: 'Example Ltd' })).toBeChecked()
    await user.click(screen.getByRole('button', { name: 'Save' }))

    await waitFor(() => expect(state.connections[0]?.visible_to).toEqual([state.me.organization.id]))
    const row = within(screen.getByText('House').closest('li')!)
    expect(await row.findByText('only Example Ltd')).toBeVisible()
  })

  it('are made for everybody by an operator only', async () => {
    const { user, state } = await renderApp('/settings/models')
    await user.click(await screen.findByRole('button', { name: 'Connect for everybody' }))
    await user.type(await screen.findByLabelText('Key'), 'sk-proj-right')
    await user.click(screen.getByRole('button', { name: 'Test and save' }))

    await waitFor(() => expect(state.connections[0]?.for).toBe('instance'))
  })

  it('are tried with their stored key', async () => {
    const { user } = await renderApp('/settings/models', { connections: [{ ...connection(), name: 'Team' }] })
    await user.click(await screen.findByRole('button', { name: 'Test Team' }))

    expect(await screen.findByText(/It works: 1 model/)).toBeVisible()
  })
})
