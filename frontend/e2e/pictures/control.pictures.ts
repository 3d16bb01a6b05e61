/** Pictures of an answer under control, for looking: each state once, in every size and both colour schemes. */
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { Page } from '@playwright/test'

import { ask, composer, lastAnswer, LONG_QUESTION, untilWords } from '../fixtures/chat'
import { expect, test } from '../fixtures/test'

test.use({ settings: { CODA_RUNS__PAUSE_GRACE: '600', CODA_TOOLS__NEED_APPROVAL: 'date_time' } })

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

test('a running answer under control', async ({ signedIn: page }) => {
  await ask(page, LONG_QUESTION)
  await untilWords(page, 40)
  await press(page, 'Pause')
  await expect(lastAnswer(page).getByText('Paused', { exact: true })).toBeVisible()
  await composer(page).fill('Only the longest river, please')
  await composer(page).press('Control+Enter')
  await expect(lastAnswer(page).getByText('read at the next step')).toBeVisible()
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
  await press(page, 'Resume')
  await press(page, 'Stop')
  await expect(page.getByText('nothing goes out by itself')).toBeVisible()
  await take(page, 'held')
})

test('working, with words in the field', async ({ signedIn: page }) => {
  await ask(page, LONG_QUESTION)
  await untilWords(page, 20)
  await composer(page).fill('Only the longest river, please')
  await take(page, 'working')
})

test('a decision', async ({ signedIn: page }) => {
  await ask(page, 'How many days are between 2026-01-01 and 2026-03-01?')
  const card = page.getByRole('region', { name: 'Allow date_time to run?' })
  await expect(card).toBeVisible()
  await take(page, 'asking')
  await card.getByRole('button', { name: 'Edit' }).click()
  await take(page, 'asking-edit')
  await card.getByRole('button', { name: 'Done editing' }).click()
  await card.getByRole('button', { name: 'Decline' }).click()
  await take(page, 'asking-decline')
})
