import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { act, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { ApiError } from '@/shared/api'

import { ProblemLine, retryTimeOf, TimedButton } from '.'

const tooMany = () => new ApiError(429, 'core.rate_limited', '', { retry_after: 3 })

function show(error: unknown) {
  render(
    <I18nProvider i18n={i18n}>
      <ProblemLine error={error} />
      <TimedButton until={retryTimeOf(error)}>Save</TimedButton>
    </I18nProvider>,
  )
}

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a refusal that passes', () => {
  it('counts the seconds, and tells when it has passed', async () => {
    show(tooMany())
    expect(screen.getByRole('alert')).toHaveTextContent(/You can go on at .* 3 s left\.$/)
    expect(screen.getByRole('button', { name: 'Save in 3 s' })).toBeDisabled()

    await pass(1_500)
    expect(screen.getByRole('button', { name: 'Save in 2 s' })).toBeDisabled()

    await pass(2_000)
    expect(screen.getByRole('alert')).toHaveTextContent(/You can try again now\.$/)
    expect(screen.getByRole('button', { name: 'Save' })).toBeEnabled()
  })

  it('does not read out every second', () => {
    show(tooMany())
    expect(screen.getByText(/3 s left/)).toHaveAttribute('aria-hidden', 'true')
  })
})

describe('one that does not', () => {
  it('is a sentence alone', () => {
    show(new ApiError(403, 'organizations.read_only', ''))
    expect(screen.getByRole('alert')).toHaveTextContent('You may only read in this organization.')
    expect(screen.getByRole('button', { name: 'Save' })).toBeEnabled()
  })
})
