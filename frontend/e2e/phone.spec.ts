/** Every screen of the settings on the narrowest phone, in the language with the longer words. */
import type { Page } from '@playwright/test'

import { expectNoOverflow } from './fixtures/chat'
import { ADMIN, expect, test } from './fixtures/test'

const SCREENS = ['profile', 'logins', 'people', 'keys', 'models', 'tools', 'operations']

test.use({ locale: 'pt-BR', viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true })

/** What a finger would miss, and what is cut off: a link within a sentence is as high as its line. */
function faultsOf(page: Page): Promise<string[]> {
  return page.getByRole('main').evaluate((main) => {
    const nameOf = (element: Element) => element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40)
    const targets = [...main.querySelectorAll<HTMLElement>('button, select, input:not([type=hidden], [type=radio], [type=checkbox]), [role=tab], [role=switch]')]
    const small = targets.filter((target) => target.checkVisibility() && target.getBoundingClientRect().height < 40)
    const wide = [...main.querySelectorAll<HTMLElement>('h1, h2, p, label, button, dt, dd')].filter(
      (element) => element.checkVisibility() && element.getBoundingClientRect().right > window.innerWidth + 1 && element.closest('[role=tablist], .scroll-box, nav') === null,
    )
    return [...small.map((target) => `small: ${nameOf(target)}`), ...wide.map((element) => `cut off: ${nameOf(element)}`)]
  })
}

test('nothing sticks out or is too small for a finger in the settings', async ({ page }) => {
  expect((await page.request.post('/api/v1/auth/login', { data: ADMIN })).ok()).toBe(true)
  for (const screen of SCREENS) {
    await page.goto(`/settings/${screen}`)
    await expect(page.getByRole('main').getByRole('heading').first()).toBeVisible()
    await page.waitForLoadState('networkidle')
    await expectNoOverflow(page)
    expect.soft(await faultsOf(page), screen).toEqual([])
  }
})
