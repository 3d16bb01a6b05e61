/** A chat of ten thousand messages opens as fast as one of ten, and holds still while older ones come. */
import type { Page } from '@playwright/test'

import { answers, ask, LONG_QUESTION, log, QUESTION, settled, untilWords } from './fixtures/chat'
import { expect, test } from './fixtures/test'

const PAGE = 50
const PROMISED_MS = 1_000

const id = (index: number) => `019c9e00-0000-7000-8000-${String(index).padStart(12, '0')}`

function message(sessionId: string, index: number) {
  const role = index % 2 === 0 ? 'user' : 'assistant'
  const text = role === 'user' ? `Question ${String(index)}` : `**Answer ${String(index)}**\n\n${'Some words about it. '.repeat(12 + (index % 7) * 6)}`
  return {
    id: id(index), session_id: sessionId, parent_id: index === 0 ? null : id(index - 1), role, content: [{ type: 'text', text }],
    status: 'complete', model: role === 'user' ? null : 'demo/coda', run_id: null, created_at: '2026-11-21T00:00:00Z',
    siblings: { index: 0, count: 1, ids: [id(index)] }, usage: null, timing: null, trace_id: null, feedback: null,
  }
}

/** The server keeps the session; only its messages are made up, a page at a time as the server would give them. */
async function fill(page: Page, sessionId: string, count: number): Promise<void> {
  await page.route(`**/api/v1/sessions/${sessionId}/messages?*`, (route) => {
    const before = Number(new URL(route.request().url()).searchParams.get('before') ?? count)
    const from = Math.max(0, before - PAGE)
    const items = Array.from({ length: before - from }, (_, at) => message(sessionId, from + at))
    return route.fulfill({ json: { items, next_cursor: from === 0 ? null : String(from) } })
  })
}

for (const count of [1_000, 10_000]) {
  test(`${String(count)} messages: the newest is on the screen within a second on a slow machine`, async ({ signedIn: page }) => {
    await ask(page, QUESTION)
    await settled(page)
    const address = page.url()
    await fill(page, address.split('/').at(-1) ?? '', count)
    await page.goto('/')
    const session = page.locator(`a[href="${new URL(address).pathname}"]`).first()
    await session.waitFor()

    const cdp = await page.context().newCDPSession(page)
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    const ms = await session.evaluate(async (link, wanted) => {
      const begun = performance.now()
      ;(link as HTMLElement).click()
      while (!document.querySelector(`[data-answer="${wanted}"]`)) await new Promise(requestAnimationFrame)
      return performance.now() - begun
    }, id(count - 1))
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 })
    expect(ms).toBeLessThan(PROMISED_MS)
    expect(await log(page).getByRole('article').count()).toBeLessThan(40)
    await expect(answers(page).last()).toBeInViewport()
  })
}

test('older messages come above, and what is read stays where it is', async ({ signedIn: page }) => {
  await ask(page, QUESTION)
  await settled(page)
  await fill(page, page.url().split('/').at(-1) ?? '', 1_000)
  await page.reload()
  await expect(page.getByText('Answer 999')).toBeVisible()
  await settled(page)
  await page.evaluate(() => document.fonts.ready)
  await expect.poll(() => log(page).evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight)).toBeLessThan(2)

  const seen = await log(page).evaluate(async (list) => {
    const jumps: number[] = []
    const top = () => list.getBoundingClientRect().top
    for (let step = 0; step < 60; step += 1) {
      // At the very top the next page is on its way, and there is nothing to scroll yet.
      for (let wait = 0; list.scrollTop < 300 && wait < 100; wait += 1) await new Promise((resolve) => setTimeout(resolve, 50))
      const marker = [...list.querySelectorAll('article')].find((article) => article.getBoundingClientRect().top > top())
      const before = marker?.getBoundingClientRect().top ?? 0
      list.scrollBy(0, -300)
      await new Promise((resolve) => setTimeout(resolve, 60))
      if (marker?.isConnected) jumps.push(Math.abs(marker.getBoundingClientRect().top - before - 300))
    }
    return { worst: Math.max(...jumps), first: list.querySelector('article')?.textContent ?? '' }
  })
  expect(seen.worst).toBeLessThan(4)
  expect(seen.first).not.toContain('Question 99')
})

test('whoever reads further up is not dragged down by a growing answer', async ({ signedIn: page }) => {
  await ask(page, LONG_QUESTION)
  await settled(page)
  await ask(page, LONG_QUESTION)
  await untilWords(page, 20)
  await log(page).evaluate((list) => list.scrollTo(0, 200))
  await expect(page.getByRole('button', { name: 'To the newest' })).toBeVisible()
  const before = await log(page).evaluate((list) => list.scrollTop)
  await untilWords(page, 120)
  expect(await log(page).evaluate((list) => list.scrollTop)).toBeCloseTo(before, -1)
  await page.getByRole('button', { name: 'To the newest' }).click()
  await expect(answers(page).last().locator('footer')).toBeInViewport()
  await untilWords(page, 160)
  await expect(answers(page).last().locator('footer')).toBeInViewport()
})
