import { describe, expect, it } from 'vitest'

import type { Context, MessageUsage } from '@/shared/api'

import { windowOf, windowUse } from './context'
import { estimateNext } from './estimate'
import { formatShare } from './format'

const context: Context = {
  window: 10_000,
  reserved_output: 500,
  parts: [
    { kind: 'system', tokens: 800, items: 1 },
    { kind: 'history', tokens: 1000, items: 4 },
  ],
  left_out: { messages: 0, tokens: 0, pictures: 0 },
}
const usage: MessageUsage = { input_tokens: 1800, output_tokens: 700, reasoning_tokens: 300, cached_input_tokens: 0, cost_usd: null, confidence: 'provider-reported' }

describe('the share of the window', () => {
  it('is what was given and what was said, without the reasoning', () => {
    expect(windowUse({ context, usage, window: 10_000 })).toEqual({ tokens: 2200, window: 10_000, share: 0.22 })
  })

  it('is the same below the composer as in the inspector', () => {
    const inspector = windowUse({ context, usage, window: windowOf(context, { context_window: 10_000 }) })
    expect(estimateNext({ draft: '', context, lastUsage: usage, window: 10_000, price: null }).use).toEqual(inspector)
  })

  it('grows with what is being written, and is never more than all', () => {
    expect(windowUse({ context, usage, draft: 'x'.repeat(4000), window: 10_000 }).share).toBe(0.32)
    expect(windowUse({ context, usage, window: 1000 }).share).toBe(1)
  })

  it('is not known where the model does not tell its window', () => {
    const window = windowOf(context, { context_window: null })
    expect(windowUse({ context, usage, window })).toEqual({ tokens: 2200, window: null, share: null })
  })

  it('trusts the report of a model that is gone', () => {
    expect(windowOf(context, undefined)).toBe(10_000)
  })

  it('is written as "< 1 %" rather than as nothing', () => {
    expect([formatShare(0, 'en'), formatShare(0.004, 'en'), formatShare(0.224, 'en')]).toEqual(['0\u202f%', '< 1\u202f%', '22\u202f%'])
  })
})
