/** At home on a phone, in the dark, at the keyboard, in Portuguese, and for those who listen. */
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'

import { ask, composer, ENDLESS_QUESTION, expectNoOverflow, lastAnswer, log, QUESTION, questions, settled } from './fixtures/chat'
import { ADMIN, expect, test } from './fixtures/test'

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)).toEqual([])
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

  test('asks, looks behind the answer, and nothing sticks out', async ({ signedIn: page }) => {
    await expectNoOverflow(page)
    await composer(page).fill(QUESTION)
    await page.getByRole('button', { name: 'Send' }).tap()
    await settled(page)
    await expectNoOverflow(page)
    await lastAnswer(page).getByRole('button', { name: 'Look into this answer' }).tap()
    const sheet = page.getByRole('dialog', { name: 'Inspector' })
    await expect(sheet.getByRole('tab', { name: 'Cost' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(sheet).toBeHidden()
    await page.getByRole('button', { name: 'More' }).tap()
    await page.getByRole('menuitem', { name: 'Good answer' }).tap()
    await page.getByRole('button', { name: 'Show chats' }).tap()
    await expect(page.getByRole('dialog', { name: 'Chats' })).toBeVisible()
  })

  test('fits on 320 px', async ({ signedIn: page }) => {
    await page.setViewportSize({ width: 320, height: 640 })
    await expectNoOverflow(page)
    await composer(page).fill('Show me markdown with a table, code and a formula')
    await page.getByRole('button', { name: 'Send' }).tap()
    await settled(page)
    await expectNoOverflow(page)
  })

  test('has targets that a finger finds', async ({ signedIn: page }) => {
    await composer(page).fill(QUESTION)
    await page.getByRole('button', { name: 'Send' }).tap()
    await settled(page)
    const small = await page.getByRole('main').getByRole('button').evaluateAll((buttons) =>
      buttons
        .map((button) => ({ name: button.getAttribute('aria-label') ?? button.textContent, box: button.getBoundingClientRect() }))
        .filter(({ box }) => box.height > 0 && box.height < 44)
        .map(({ name }) => name),
    )
    expect(small).toEqual([])
  })
})

for (const scheme of ['light', 'dark'] as const) {
  test.describe(scheme, () => {
    test.use({ colorScheme: scheme })

    test('nothing stands in the way of assistive technology', async ({ signedIn: page }) => {
      await expectAccessible(page)
      await ask(page, 'Show me markdown with a table, code and a formula')
      await settled(page)
      await lastAnswer(page).getByRole('button', { name: /Thought/ }).first().click()
      await expectAccessible(page)
      for (const tab of ['Reasoning', 'Timeline', 'Tools', 'Cost', 'Context']) {
        await page.getByRole('tab', { name: tab, exact: true }).click()
        await expectAccessible(page)
      }
    })
  })
}

test('everything goes by keyboard', async ({ signedIn: page }) => {
  await page.keyboard.press('/')
  await expect(composer(page)).toBeFocused()
  await page.keyboard.type('First line')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type(QUESTION)
  await page.keyboard.press('Enter')
  await settled(page)
  await expect(questions(page).first()).toContainText('First line')

  const tool = lastAnswer(page).getByRole('button', { name: /Calculated/ })
  await tool.focus()
  await page.keyboard.press('Enter')
  await expect(tool).toHaveAttribute('aria-expanded', 'true')
  await expect(lastAnswer(page).getByRole('tab', { name: 'Arguments' })).toBeVisible()
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowLeft')
  await expect(lastAnswer(page).getByRole('tab', { name: 'Arguments' })).toBeFocused()

  await questions(page).first().getByRole('button', { name: 'Edit the question' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('textbox', { name: 'Edit the question' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('textbox', { name: 'Edit the question' })).toBeHidden()

  await log(page).focus()
  await page.keyboard.press('Home')
})

test('keeps still for those who want no motion', async ({ signedIn: page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await ask(page, QUESTION)
  const moving = await page.evaluate(() => document.getAnimations().length)
  expect(moving).toBe(0)
  await settled(page)
})

test.describe('in Portuguese', () => {
  test.use({ locale: 'pt-BR' })

  test('asks and answers, and no English is left on the screen', async ({ page, server }) => {
    await page.goto(`${server.url}/sign-in`)
    await page.getByLabel('E-mail').fill(ADMIN.email)
    await page.getByLabel('Senha', { exact: true }).fill(ADMIN.password)
    await page.getByRole('button', { name: 'Entrar' }).click()
    await page.getByRole('button', { name: /Quanto é 17,5% de 2\.340/ }).click()
    await expect(page.getByRole('log', { name: 'Conversa' })).toContainText('409,5')
    await expect(page.getByRole('log', { name: 'Conversa' }).getByRole('button', { name: /Pensou/ }).first()).toBeVisible()
    for (const tab of ['Raciocínio', 'Tempo', 'Ferramentas', 'Custo', 'Contexto']) {
      await expect(page.getByRole('tab', { name: tab })).toBeVisible()
    }
  })
})

for (const [locale, words] of Object.entries({
  en: { send: 'Send', stop: 'Stop', inspect: 'Open the inspector', model: /^Model:/ },
  'pt-BR': { send: 'Enviar', stop: 'Parar', inspect: 'Abrir o inspetor', model: /^Modelo:/ },
})) {
  test.describe(`in ${locale}`, () => {
    test.use({ locale })

    test('the model that answers and the five tabs of the inspector are in sight', async ({ page }) => {
      expect((await page.request.post('/api/v1/auth/login', { data: ADMIN })).ok()).toBe(true)
      for (const width of [390, 1440]) {
        await page.setViewportSize({ width, height: 844 })
        await page.goto('/')
        await page.locator('textarea').fill(ENDLESS_QUESTION)
        await page.getByRole('button', { name: words.send, exact: true }).click()
        await expect(page.getByRole('button', { name: words.stop, exact: true })).toBeVisible()
        const name = page.getByRole('button', { name: words.model }).getByText('coda')
        expect(await name.evaluate((label) => label.clientWidth > 0 && label.scrollWidth <= label.clientWidth)).toBe(true)
        await page.getByRole('button', { name: words.stop, exact: true }).press('Enter')
        // Where there is room it opens by itself once there is something to see.
        const open = page.getByRole('button', { name: words.inspect })
        await expect(async () => {
          if (await open.isVisible()) await open.click({ timeout: 2_000 })
          await expect(page.getByRole('tab')).toHaveCount(5, { timeout: 2_000 })
        }).toPass()
        // The list fades at its ends, where nothing may stand.
        const list = page.getByRole('tablist')
        expect(await list.evaluate((box) => box.scrollWidth <= box.clientWidth)).toBe(true)
      }
    })
  })
}

test('the policy of the page forbids nothing that it does', async ({ signedIn: page }) => {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await ask(page, 'Show me markdown with a table, code and a formula')
  await settled(page)
  await page.getByRole('tab', { name: 'Context' }).click()
  await page.reload()
  await settled(page)
  expect(complaints.filter((text) => !text.includes('401'))).toEqual([])
})
