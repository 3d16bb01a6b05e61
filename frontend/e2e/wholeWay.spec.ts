/** The first whole way through the app, as a newcomer goes it. */
import { expect, test, type Page } from '@playwright/test'

import { answers, ask, composer, lastAnswer, log, LONG_QUESTION, QUESTION, questions, settled, untilWords, words } from './fixtures/chat'
import { CodaServer } from './fixtures/codaServer'

const PERSON = { name: 'Ana Nunes', email: 'first@example.org', password: 'a long enough pass phrase' }

test.describe.serial('a newcomer', () => {
  // Slow enough that an answer is still under way after a reload, on a slow machine too.
  const server = new CodaServer({ CODA_LLM__DEMO_TOKENS_PER_SECOND: '30' })
  let page: Page
  let chat = ''

  test.beforeAll(async ({ browser }) => {
    test.setTimeout(180_000)
    await server.start()
    page = await (await browser.newContext({ baseURL: server.url })).newPage()
  })

  test.afterAll(async () => {
    await page.context().close()
    await server.remove()
  })

  test('becomes the first administrator by the link that was printed', async () => {
    expect(server.setupLink).not.toBeNull()
    await page.goto(server.setupLink ?? '')
    await page.getByLabel('Your name').fill(PERSON.name)
    await page.getByLabel('E-mail').fill(PERSON.email)
    await page.getByLabel('Password', { exact: true }).fill(PERSON.password)
    await page.getByRole('button', { name: /administrator|account|start/i }).click()
    await expect(page.getByRole('heading', { name: 'What are we working on?' })).toBeVisible()
  })

  test('asks, and sees reasoning, the calculator, the answer, tokens and times', async () => {
    await composer(page).fill(QUESTION)
    await composer(page).press('Enter')
    await expect(page).toHaveURL(/\/chat\//)
    chat = page.url()
    await settled(page)

    const answer = lastAnswer(page)
    await expect(answer).toContainText('409.5')
    await expect(answer.getByRole('button', { name: /Thought/ }).first()).toBeVisible()
    const tool = answer.getByRole('button', { name: /Calculated/ })
    await tool.click()
    await expect(answer.getByRole('tab', { name: 'Result' })).toBeVisible()
    await expect(answer.getByRole('tabpanel')).toContainText('409.5')
    await answer.getByRole('tab', { name: 'Arguments' }).click()
    await expect(answer.getByRole('tabpanel')).toContainText('2340')
    await expect(answer.getByRole('contentinfo').or(answer.locator('footer'))).toContainText(/coda.*first.*total.*tok.*\$0\.00/)
  })

  test('looks behind it', async () => {
    await lastAnswer(page).getByRole('button', { name: 'Look into this answer' }).click()
    const inspector = page.getByRole('complementary', { name: 'Inspector' })
    for (const [tab, sight] of [
      ['Reasoning', 'Thought 1'],
      ['Timeline', 'answer'],
      ['Tools', 'calculator'],
      ['Cost', 'Tokens'],
      ['Context', 'Instructions'],
    ] as const) {
      await inspector.getByRole('tab', { name: tab }).click()
      await expect(inspector.getByRole('tabpanel', { name: tab })).toContainText(sight)
    }
  })

  test('reloads in mid-answer, and nothing is lost', async () => {
    await ask(page, LONG_QUESTION)
    await untilWords(page, 25)
    const before = await words(page)
    await page.reload()
    await expect(lastAnswer(page)).toHaveAttribute('aria-busy', 'true')
    await expect.poll(() => words(page)).toContain(before.trim().slice(0, 100))
    await settled(page)
    const live = await words(page)
    expect(live).not.toContain('###')
    expect(live.length).toBeGreaterThan(before.length)
    await page.reload()
    await settled(page)
    await expect.poll(() => words(page)).toBe(live)
  })

  test('edits the question, and has two versions', async () => {
    const question = questions(page).last()
    await question.hover()
    await question.getByRole('button', { name: 'Edit the question' }).click()
    const field = page.getByRole('textbox', { name: 'Edit the question' })
    await field.fill('What is 20 % of 500?')
    await field.press('Enter')
    await settled(page)
    await expect(lastAnswer(page)).toContainText('100')
    await expect(questions(page).last()).toContainText('2 / 2')

    await questions(page).last().getByRole('button', { name: 'Earlier version' }).click()
    await expect(questions(page).last()).toContainText(LONG_QUESTION)
    await expect(questions(page).last()).toContainText('1 / 2')
    await questions(page).last().getByRole('button', { name: 'Later version' }).click()
    await expect(questions(page).last()).toContainText('What is 20 % of 500?')
  })

  test('stops an answer; what was written stays', async () => {
    await ask(page, LONG_QUESTION)
    await untilWords(page, 15)
    await page.getByRole('button', { name: 'Stop' }).click()
    await expect(lastAnswer(page)).toContainText('Stopped. What was written stays.')
    expect((await words(page)).split(/\s+/).length).toBeGreaterThan(15)
  })

  test('finds it all again after the server was restarted', async () => {
    const before = await words(page)
    await server.stop()
    await expect(page.getByText('Reconnecting. Nothing is lost')).toBeVisible({ timeout: 15_000 })
    await server.start()
    await expect(page.getByText('Reconnecting. Nothing is lost')).toBeHidden({ timeout: 30_000 })

    await page.goto(chat)
    await expect(lastAnswer(page)).toContainText('Stopped')
    await expect.poll(() => words(page)).toBe(before)
    await log(page).evaluate((element) => element.scrollTo(0, 0))
    await expect(answers(page).first()).toContainText('409.5')
    await ask(page, 'What is 2 + 2?')
    await settled(page)
    await expect(lastAnswer(page)).toContainText('4')
  })
})
