/** Pictures of every screen, those for the documentation among them, taken from the real server with the demo model. */
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { Page } from '@playwright/test'

import { ask, composer, lastAnswer, log, questions, settled, untilWords } from '../fixtures/chat'
import { expect, signIn, test } from '../fixtures/test'

const KEPT = fileURLToPath(new URL('../../../docs/images/', import.meta.url))
const OTHERS = fileURLToPath(new URL('../../test-results/pictures/', import.meta.url))
/** Screens that the documentation shows; pictures of all others are for looking only. */
const SHOWN = new Set(['new-chat', 'chat', 'tool', 'live', 'formats', 'inspector-cost', 'inspector-context', 'settings-models'])
const fileOf = (screen: string, way: string) => `${SHOWN.has(screen) ? KEPT : OTHERS}${screen}-${way}.png`
const WAYS = [
  { name: '1440-light', viewport: { width: 1440, height: 900 }, colorScheme: 'light', isPhone: false },
  { name: '1440-dark', viewport: { width: 1440, height: 900 }, colorScheme: 'dark', isPhone: false },
  { name: '390-light', viewport: { width: 390, height: 844 }, colorScheme: 'light', isPhone: true },
  { name: '390-dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark', isPhone: true },
] as const

const PLAN =
  'A loaf earns 3 and takes 1 hour, a cake earns 8 and takes 3 hours. Maximise 3 loaves + 8 cakes subject to loaves + 3 cakes <= 40; loaves <= 30; whole numbers'
const TABLE = 'Give me the mean, median and spread of each column.\n\nmonth,orders,returns\nJan,120,8\nFeb,135,6\nMar,160,11\nApr,149,9\nMay,171,7'

test.beforeAll(() => {
  for (const folder of [KEPT, OTHERS]) mkdirSync(folder, { recursive: true })
})

let chat = ''

test('talk, so that there is something to see', async ({ signedIn: page }) => {
  for (const text of ['What is 17.5 % of 2,340?', 'A call is at 9:30 in Lisbon on 3 March 2027. What time is that in Tokyo?']) {
    await page.goto('/')
    await ask(page, text)
    await settled(page)
  }
  await page.goto('/')
  for (const text of [TABLE, PLAN]) {
    await ask(page, text)
    await settled(page)
  }
  await questions(page).last().hover()
  await questions(page).last().getByRole('button', { name: 'Edit the question' }).click()
  await page.getByRole('textbox', { name: 'Edit the question' }).press('Enter')
  await settled(page)
  chat = page.url()
})

for (const { name, viewport, colorScheme, isPhone } of WAYS) {
  test.describe(name, () => {
    test.use({ viewport, colorScheme, hasTouch: isPhone, isMobile: isPhone, reducedMotion: 'reduce' })

    const take = async (page: Page, screen: string) => {
      await page.evaluate(() => document.fonts.ready)
      // Pictures of what is moving are of no use.
      await page.mouse.move(0, 0)
      await page.waitForTimeout(400)
      await page.screenshot({ path: fileOf(screen, name) })
    }

    test('sign-in and settings', async ({ page }) => {
      await page.goto('/sign-in')
      await expect(page.getByLabel('E-mail')).toBeVisible()
      await take(page, 'sign-in')
      await signIn(page)
      for (const part of ['profile', 'logins', 'people', 'keys', 'models']) {
        await page.goto(`/settings/${part}`)
        await page.waitForLoadState('networkidle')
        await take(page, `settings-${part}`)
      }
    })

    test('conversation', async ({ signedIn: page }) => {
      await take(page, 'new-chat')
      await page.goto(chat)
      await settled(page)
      await take(page, 'chat')
      await log(page).evaluate((element) => element.scrollTo(0, 0))
      await take(page, 'chat-table')
      await page.goto(chat)
      await settled(page)
      await lastAnswer(page).getByRole('button', { name: /Optimised/ }).click()
      await take(page, 'tool')
      await lastAnswer(page).getByRole('button', { name: /Optimised/ }).click()
      for (const tab of ['Reasoning', 'Timeline', 'Tools', 'Cost', 'Context']) {
        if (isPhone && tab === 'Reasoning') await lastAnswer(page).getByRole('button', { name: 'Look into this answer' }).tap()
        await page.getByRole('tab', { name: tab, exact: true }).click()
        await page.waitForLoadState('networkidle')
        await take(page, `inspector-${tab.toLowerCase()}`)
      }
    })

    test('formats and a live answer', async ({ signedIn: page }) => {
      await ask(page, 'Show me markdown with a table, code and a formula')
      await settled(page)
      await take(page, 'formats')
      await composer(page).fill('Write a long text about rivers.')
      await page.getByRole('button', { name: 'Send' }).click()
      await page.mouse.move(0, 0)
      await untilWords(page, 40)
      await page.screenshot({ path: fileOf('live', name) })
      await page.getByRole('button', { name: 'Stop' }).click()
      await settled(page)
      await take(page, 'stopped')
    })
  })
}
