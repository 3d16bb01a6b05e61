import { screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import { formatRetryTime } from '@/shared/lib/retryTime'

import { renderApp } from './testing/renderApp'

describe('signing in', () => {
  it('asks for a login first, and goes on to where the person wanted to be', async () => {
    const { router, user } = await renderApp('/settings/logins', { hasLogin: false })
    expect(router.state.location.pathname).toBe('/sign-in')

    await user.type(await screen.findByLabelText('E-mail'), 'yara@example.org')
    await user.type(screen.getByLabelText('Password'), 'correct horse')
    await user.click(screen.getByRole('button', { name: 'Sign in' }))

    await waitFor(() => expect(router.state.location.pathname).toBe('/settings/logins'))
    expect(await screen.findByRole('heading', { name: 'Logins' })).toBeVisible()
  })

  it('says what is wrong and keeps what was typed', async () => {
    const { user } = await renderApp('/sign-in', { hasLogin: false })

    await user.type(await screen.findByLabelText('E-mail'), 'yara@example.org')
    await user.type(screen.getByLabelText('Password'), 'wrong')
    await user.click(screen.getByRole('button', { name: 'Sign in' }))

    expect(await screen.findByRole('alert')).toHaveTextContent('E-mail or password is wrong')
    expect(screen.getByLabelText('E-mail')).toHaveValue('yara@example.org')
  })

  it('says when one may try again after too many tries', async () => {
    const { user } = await renderApp('/sign-in', { hasLogin: false, retryAfter: 42 })
    const before = Date.now()
    await user.type(await screen.findByLabelText('E-mail'), 'yara@example.org')
    await user.type(screen.getByLabelText('Password'), 'correct horse{Enter}')

    const alert = await screen.findByRole('alert')
    expect(alert).toHaveTextContent(/^Too many attempts\. You can try again at \d{1,2}:\d{2}:\d{2}/)
    const times = [42, 43, 44, 45, 50].map((seconds) => formatRetryTime(before + seconds * 1_000, 'en'))
    expect(times.some((time) => alert.textContent.includes(time.slice(0, 5)))).toBe(true)
    expect(alert).toHaveTextContent(/4[012] s left\./)
    expect(screen.getByRole('button', { name: /^Sign in in 4[012] s$/ })).toBeDisabled()

    // The wait is for one account.
    await user.type(screen.getByLabelText('E-mail'), '.br')
    expect(screen.queryByRole('alert')).toBeNull()
    expect(screen.getByRole('button', { name: 'Sign in' })).toBeEnabled()
  })

  it('shows a password on request', async () => {
    const { user } = await renderApp('/sign-in', { hasLogin: false })

    await user.click(await screen.findByRole('button', { name: 'Show password' }))

    expect(screen.getByLabelText('Password')).toHaveAttribute('type', 'text')
  })

  it('tells a newcomer of the set-up link while nobody has an account', async () => {
    const { user, state } = await renderApp('/sign-in', { hasLogin: false, setupRequired: true })
    expect(await screen.findByText(/shows a set-up link/)).toBeVisible()

    state.setupRequired = false
    await user.click(screen.getByRole('button', { name: 'Check again' }))

    expect(await screen.findByLabelText('Password')).toBeVisible()
  })

  it('never leaves the app for an address that came with the link', async () => {
    const { router, user } = await renderApp('/sign-in?next=//evil.example/', { hasLogin: false })

    await user.type(await screen.findByLabelText('E-mail'), 'yara@example.org')
    await user.type(screen.getByLabelText('Password'), 'correct horse')
    await user.click(screen.getByRole('button', { name: 'Sign in' }))

    await waitFor(() => expect(router.state.location.pathname).toBe('/'))
  })
})

describe('one-time links', () => {
  it('makes the first account', async () => {
    const { router, user } = await renderApp('/setup?token=setup', { hasLogin: false })

    await user.type(await screen.findByLabelText('Your name'), 'Yara')
    await user.type(screen.getByLabelText('E-mail'), 'yara@example.org')
    await user.type(screen.getByLabelText('Password'), 'correct horse')
    await user.click(screen.getByRole('button', { name: 'Create account' }))

    await waitFor(() => expect(router.state.location.pathname).toBe('/'))
  })

  it('joins by invitation with a name and a password', async () => {
    const { router, user } = await renderApp('/invite?token=invite', { hasLogin: false })
    expect(await screen.findByText('You are invited to Example Ltd.')).toBeVisible()
    expect(screen.getByLabelText('E-mail')).toHaveAttribute('readonly')

    await user.type(screen.getByLabelText('Your name'), 'Rita')
    await user.type(screen.getByLabelText('Password'), 'correct horse')
    await user.click(screen.getByRole('button', { name: 'Join' }))

    await waitFor(() => expect(router.state.location.pathname).toBe('/'))
  })

  it.each(['/invite?token=used', '/setup'])('says that %s is no longer open', async (path) => {
    const { router, user } = await renderApp(path, { hasLogin: false })

    await user.click(await screen.findByRole('button', { name: 'Go to sign-in' }))

    await waitFor(() => expect(router.state.location.pathname).toBe('/sign-in'))
  })
})
