/** Pictures of the screens with made-up content, for looking while building: needs the app at CODA_E2E_URL (vite). */
import { test } from '@playwright/test'

import { SESSION } from './conversations'
import { serveFromMemory } from './fakeServer'

const folder = process.env['CODA_PICTURES'] ?? 'test-results/app'

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [1440, 390] as const) {
    const size = { width, height: width === 390 ? 844 : 900 }
    const shot = (name: string) => ({ path: `${folder}/${name}-${String(width)}-${scheme}.png` })

    test.describe(`${String(width)} ${scheme}`, () => {
      test.use({ viewport: size, colorScheme: scheme, hasTouch: width === 390, reducedMotion: 'reduce' })

      test('new chat, live, done', async ({ page }) => {
        await serveFromMemory(page, { until: 30, paceMs: 30 })
        await page.goto('/')
        await page.getByRole('textbox').waitFor()
        await page.screenshot(shot('new'))
        await page.getByRole('textbox').fill('What is 17.5 % of 2,340?')
        await page.getByRole('button', { name: 'Send' }).click()
        await page.getByText('17.5 % of 2,340 is').first().waitFor()
        await page.waitForTimeout(1200)
        await page.screenshot(shot('live'))
      })

      test('conversation', async ({ page }) => {
        await serveFromMemory(page)
        await page.goto(`/chat/${SESSION}`)
        await page.getByText('Try that again').waitFor()
        await page.waitForTimeout(500)
        await page.screenshot(shot('end'))
        const log = page.getByRole('log')
        await log.evaluate((element) => element.scrollTo(0, 0))
        await page.waitForTimeout(400)
        await page.screenshot(shot('top'))
        await page.getByRole('button', { name: /Optimised/ }).click()
        await page.waitForTimeout(300)
        await page.screenshot(shot('tool'))
        await log.evaluate((element) => element.scrollTo(0, 620))
        await page.waitForTimeout(800)
        await page.screenshot(shot('middle'))
      })

      test('inspector', async ({ page }) => {
        await serveFromMemory(page)
        await page.goto(`/chat/${SESSION}`)
        await page.getByText('Try that again').waitFor()
        const log = page.getByRole('log')
        await log.evaluate((element) => element.scrollTo(0, 0))
        await page.waitForTimeout(300)
        await page.getByRole('button', { name: 'Look into this answer' }).first().click()
        for (const tab of ['Reasoning', 'Timeline', 'Tools', 'Cost', 'Context']) {
          await page.getByRole('tab', { name: tab, exact: true }).click()
          await page.waitForTimeout(250)
          await page.screenshot(shot(`inspector-${tab.toLowerCase()}`))
        }
      })
    })
  }
}
