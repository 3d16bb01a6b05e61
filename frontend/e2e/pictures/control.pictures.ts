/** Pictures of an answer under control, for looking: each state once, in every size and both colour schemes. */
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { Page } from '@playwright/test'

import { ask, composer, lastAnswer, LONG_QUESTION, settled, untilWords } from '../fixtures/chat'
import { expect, test } from '../fixtures/test'

test.use({
  settings: {
    CODA_RUNS__PAUSE_GRACE: '600',
    CODA_RUNS__MAX_PER_USER: '1',
    CODA_LLM__DEMO_TOKENS_PER_SECOND: '60',
    CODA_TOOLS__NEED_APPROVAL: 'date_time',
  },
})

const FOLDER = fileURLToPath(new URL('../../test-results/pictures/', import.meta.url))
const SIZES = [
  { name: '1440', viewport: { width: 1440, height: 900 } },
  { name: '390', viewport: { width: 390, height: 844 } },
]

async function take(page: Page, state: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true })
  for (const { name, viewport } of SIZES) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.mouse.move(0, 0)
      await page.waitForTimeout(250)
      await page.screenshot({ path: `${FOLDER}${state}-${name}-${colorScheme}.png` })
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 })
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

/** The last answer as if it had ended otherwise: a failure cannot be asked for. */
async function endOtherwise(page: Page, change: Record<string, unknown>, notice: string): Promise<void> {
  await page.route('**/messages*', async (route) => {
    const response = await route.fetch()
    const body = (await response.json()) as { items: { content: unknown[] }[] }
    const last = body.items.at(-1)
    if (last !== undefined) {
      const part = { type: 'notice', code: notice, message: 'The model’s provider does not answer. Try again, or choose another model.', details: {} }
      Object.assign(last, change, { content: [...last.content, part] })
    }
    await route.fulfill({ response, json: body })
  })
  await page.reload()
  await expect(lastAnswer(page)).toBeVisible()
}

test('a running answer under control', async ({ signedIn: page }) => {
  await ask(page, LONG_QUESTION)
  await untilWords(page, 20)
  await composer(page).fill('Only the longest river, please')
  await press(page, 'Pause')
  await expect(lastAnswer(page).getByText('Paused', { exact: true })).toBeVisible()
  await composer(page).press('Control+Enter')
  await expect(lastAnswer(page).getByText('to be read at the next step')).toBeVisible()
  await take(page, 'paused')
  for (const text of ['And how long is it in miles?', 'Which countries does it cross, from its source to the sea, and in which order?', 'Make a table of that']) {
    await composer(page).fill(text)
    await composer(page).press('Enter')
    await expect(page.getByRole('listitem').filter({ hasText: text }).getByRole('button', { name: 'Edit this question' })).toBeVisible()
  }
  await composer(page).fill('One more thing')
  await page.getByRole('button', { name: 'Edit this question' }).nth(1).click()
  await take(page, 'line')
  await press(page, 'Cancel')
  await composer(page).fill('')

  const busy = await page.context().newPage()
  await busy.goto('/')
  await ask(busy, 'What is 6 * 7?')
  await expect(lastAnswer(busy).getByText(/Busy, position/)).toBeVisible()
  await take(busy, 'busy')
  await busy.close()

  await press(page, 'Stop')
  await expect(page.getByText('nothing goes out by itself')).toBeVisible()
  await take(page, 'held')
  await page.context().setOffline(true)
  await composer(page).fill('Asked without a connection')
  await composer(page).press('Enter')
  await take(page, 'offline')
  await page.context().setOffline(false)
})

test('working, with words in the field; then read, and over two runs', async ({ signedIn: page }) => {
  await ask(page, LONG_QUESTION)
  await untilWords(page, 20)
  await composer(page).fill('What is 6 * 7?')
  await take(page, 'working')
  await composer(page).press('Control+Enter')
  await untilWords(page, 90)
  await press(page, 'Stop')
  await settled(page)
  await take(page, 'stopped')
  await press(page, 'Continue')
  await settled(page)
  await page.getByRole('button', { name: 'Look into this answer' }).click()
  await page.getByRole('tab', { name: 'Timeline' }).click()
  await expect(page.getByRole('listitem', { name: /^answer/ }).first()).toBeVisible()
  await take(page, 'two-runs')
  await endOtherwise(page, { status: 'failed', usage: null }, 'llm.unavailable')
  await take(page, 'failed')
  await page.unrouteAll()
  await endOtherwise(page, { status: 'stopped' }, 'runs.timed_out')
  await take(page, 'used-up')
})

test('a decision', async ({ signedIn: page }) => {
  await ask(page, 'How many days are between 2026-01-01 and 2026-03-01?')
  const card = page.getByRole('region', { name: 'Allow Dates and times to run?' })
  await expect(card).toBeVisible()
  await take(page, 'asking')
  await card.getByRole('button', { name: 'Edit' }).click()
  await take(page, 'asking-edit')
  await card.getByRole('button', { name: 'Edit as JSON' }).click()
  await take(page, 'asking-json')
  await card.getByRole('button', { name: 'Done editing' }).click()
  await card.getByRole('button', { name: 'Decline' }).click()
  await take(page, 'asking-decline')
  await card.getByRole('textbox', { name: 'Reason' }).fill('No calendars today')
  await card.getByRole('textbox', { name: 'Reason' }).press('Enter')
  await settled(page)
  await take(page, 'declined')
})

test('operations', async ({ signedIn: page }) => {
  await page.goto('/settings/operations')
  await page.getByRole('tab', { name: /Waiting/ }).click()
  await page.waitForLoadState('networkidle')
  await take(page, 'operations-empty')
  const day = new Date(Date.now() - 3_600_000).toISOString()
  const job = (id: number, name: string, error: string) => ({ id, name, status: 'failed', tries: 5, created_at: day, due_at: day, changed_at: day, error })
  await page.route('**/admin/jobs*', (route) =>
    route.fulfill({ json: { items: [job(1, 'title', 'llm.unavailable'), job(2, 'clean-up', 'DBAPIError')], next_cursor: null } }),
  )
  await page.getByRole('tab', { name: /Failed/ }).click()
  await expect(page.getByText('llm.unavailable')).toBeVisible()
  await take(page, 'operations-failed')
})
