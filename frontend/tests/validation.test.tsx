/** What keeps a form from being sent is told below its fields, never in a bubble of the browser's. */
import { act, screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import { renderApp } from './testing/renderApp'

const SIGNED_OUT = { hasLogin: false }

/** The forms that have something to fill in, each with the button that opens it and how many fields are missing. */
const FORMS: [path: string, state: Parameters<typeof renderApp>[1], opens: string | null, missing: number][] = [
  ['/sign-in', SIGNED_OUT, null, 2],
  ['/setup?token=setup', SIGNED_OUT, null, 3],
  ['/invite?token=invite', SIGNED_OUT, null, 2],
  ['/reset?token=reset', SIGNED_OUT, null, 1],
  ['/settings/logins', {}, null, 2],
  ['/settings/keys', {}, null, 1],
  ['/settings/people', {}, null, 1],
  ['/settings/models', {}, 'Connect a model', 1],
  ['/settings/tools', {}, 'Add a server', 2],
]

describe('a form that is sent empty', () => {
  it.each(FORMS)('on %s says below each field what is missing', async (path, state, opens, missing) => {
    const { user } = await renderApp(path, state)
    if (opens !== null) await user.click(await screen.findByRole('button', { name: opens }))
    await waitFor(() => expect(document.querySelector('form :invalid')).not.toBeNull())
    const told: Event[] = []
    document.addEventListener('invalid', (event) => told.push(event), { capture: true })
    const form = [...document.forms].at(-1)
    act(() => form?.requestSubmit())

    expect(told).toHaveLength(missing)
    expect(told.every(({ defaultPrevented }) => defaultPrevented)).toBe(true)
    expect(screen.getAllByText('Fill this in.')).toHaveLength(missing)
    expect(form?.querySelector(':invalid')).toHaveFocus()
  })
})
