import { describe, expect, it } from 'vitest'

import { failureOf, helpsAnotherModel, problemOfFailure } from './failure'
import type { Message } from './message'

const AT = Date.parse('2026-11-29T12:00:00Z')
const answer = { created_at: '2026-11-29T12:00:00Z', timing: { ttft_ms: null, total_ms: 3_000 }, status: 'failed', content: [] } as unknown as Message
const busy = { type: 'notice', code: 'llm.provider_busy', message: 'Slow down.', details: { retry_after: 20 } } as const

describe('a failed answer', () => {
  it('says until when a provider is to be left alone, counted from its end', () => {
    expect(problemOfFailure(answer, busy, AT + 4_000)).toEqual({ code: 'llm.provider_busy', message: 'Slow down.', retryAt: AT + 23_000 })
  })

  it('says nothing of a wait that is over', () => {
    expect(problemOfFailure(answer, busy, AT + 24_000).retryAt).toBeNull()
  })

  it('has its last notice for a reason, unless it went on', () => {
    expect(failureOf({ status: 'failed', content: [busy] })).toBe(busy)
    expect(failureOf({ status: 'complete', content: [busy] })).toBeNull()
    expect(problemOfFailure(answer, failureOf(answer)).code).toBe('runs.failed')
  })

  it.each([
    ['llm.provider_timeout', true],
    ['llm.key_refused', true],
    ['context.prompt_too_long', true],
    ['runs.content_filter', true],
    ['runs.internal', false],
    ['runs.attempts_exhausted', false],
    ['core.rate_limited', false],
  ])('of %s is helped by another model: %s', (code, helps) => {
    expect(helpsAnotherModel(code)).toBe(helps)
  })
})
