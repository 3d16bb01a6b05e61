/** The prompt of an answer is asked for once there is one: a red request that is none of the person's doing helps nobody. */
import { screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import type { Message } from '../../model/message'
import { message, renderConversation } from '../../testing/renderConversation'

const CONTEXT = { window: 10_000, reserved_output: 500, parts: [{ kind: 'system', tokens: 800, items: 1 }], left_out: { messages: 0, tokens: 0, pictures: 0 } }
const usage = { input_tokens: 0, output_tokens: 0, reasoning_tokens: 0, cached_input_tokens: 0, cost_usd: null, confidence: 'computed' } as const

async function openContext(answer: Partial<Message>) {
  const page = await renderConversation({
    sessionId: 's',
    messages: [message('u', null, 'user'), message('a', 'u', 'assistant', answer)],
    answer: (_method, path) => (path.endsWith('/context') ? Response.json(CONTEXT) : undefined),
  })
  await page.user.click(await screen.findByRole('button', { name: 'Open the inspector' }))
  await page.user.click(await screen.findByRole('tab', { name: 'Context' }))
  const asked = () => page.server.calls.filter(({ path }) => path.endsWith('/context')).length
  return { ...page, asked }
}

describe('the context of an answer', () => {
  it('is not asked for where the answer was stopped before it began', async () => {
    const { asked } = await openContext({ status: 'stopped', usage, content: [{ type: 'notice', code: 'runs.stopped', message: 'Stopped.', details: {} }] })
    expect(await screen.findByText(/The prompt of this answer has not been made/)).toBeVisible()
    expect(asked()).toBe(0)
  })

  it('is not asked for while nobody has begun', async () => {
    const { asked } = await openContext({ status: 'queued', content: [] })
    expect(await screen.findByText(/The prompt of this answer has not been made/)).toBeVisible()
    expect(asked()).toBe(0)
  })

  it('is shown where something was written', async () => {
    const { asked } = await openContext({ status: 'stopped' })
    expect(await screen.findByText('Instructions')).toBeVisible()
    await waitFor(() => expect(asked()).toBe(1))
  })
})
