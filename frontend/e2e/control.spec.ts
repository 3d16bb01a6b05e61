/** A person in control of an answer while it is made, from any tab: pause, steer, queue, approve, stop and go on. */
import type { BrowserContext, Page } from '@playwright/test'

import { ask, composer, ENDLESS_QUESTION, lastAnswer, log, LONG_QUESTION, settled, stop, untilWords, words } from './fixtures/chat'
import { expect, test } from './fixtures/test'

const WORDS_PER_SECOND = 50

// Long pauses come soon, the calendar asks before it is used, and answers last long enough to be controlled.
test.use({ settings: { CODA_RUNS__PAUSE_GRACE: '1', CODA_LLM__DEMO_TOKENS_PER_SECOND: String(WORDS_PER_SECOND), CODA_TOOLS__NEED_APPROVAL: 'date_time' } })
// The longest file: its tests know nothing of each other, and both workers take them.
test.describe.configure({ mode: 'parallel', timeout: 150_000 })

/** A stop is to take effect within two seconds: so much more is said until then at most, however busy the machine is. */
const SAID_IN_TWO_SECONDS = 2 * WORDS_PER_SECOND

const CALENDAR_QUESTION = 'How many days are between 2026-01-01 and 2026-03-01?'
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const paused = (page: Page) => lastAnswer(page).getByText('Paused', { exact: true })
const line = (page: Page) => page.getByRole('region', { name: 'Questions in line' }).getByRole('listitem')

/** A question is in line, and the server has it. */
async function stored(page: Page, text: string): Promise<void> {
  await expect(line(page).filter({ hasText: text }).getByRole('button', { name: 'Edit this question' })).toBeVisible()
  await expect(composer(page)).toHaveValue('')
}

/** By keyboard: that waits for no picture, which a busy machine may be slow to draw. */
async function pause(page: Page): Promise<void> {
  await page.bringToFront()
  await button(page, 'Pause').press('Enter')
  await expect(paused(page)).toBeVisible()
}

async function secondTab(page: Page, context: BrowserContext): Promise<Page> {
  const other = await context.newPage()
  await other.goto(page.url())
  await expect(lastAnswer(other)).toBeVisible()
  return other
}

test('a pause in one tab is seen in the other, which goes on', async ({ signedIn: page, context }) => {
  await ask(page, 'What is 6 * 7?')
  await settled(page)
  const other = await secondTab(page, context)
  await ask(page, ENDLESS_QUESTION)
  await pause(page)
  await expect(paused(other)).toBeVisible()
  await expect(page.getByRole('link', { name: /Paused|Waiting for you/ })).toBeVisible()

  await page.reload()
  await expect(paused(page)).toBeVisible()
  await button(other, 'Resume').press('Enter')
  for (const tab of [page, other]) await expect(paused(tab)).toBeHidden()
  await stop(other)
  await settled(page)
  expect(await words(page)).toBe(await words(other))
})

test('a long pause ends the run; the answer waits, and goes on in the same place', async ({ signedIn: page }) => {
  await ask(page, LONG_QUESTION)
  await untilWords(page, 10)
  await pause(page)
  await expect(page.getByText('The answer goes on from here, whenever you want.')).toBeVisible({ timeout: 30_000 })
  await page.reload()
  await expect(paused(page)).toBeVisible()
  await button(page, 'Resume').click()
  await settled(page)
  // Nothing is lost or doubled where one run ended and the next went on.
  expect((await words(page)).split('A river is water on its way downhill')).toHaveLength(2)
  await expect(log(page).locator('article[data-answer]')).toHaveCount(1)

  await page.getByRole('button', { name: 'Look into this answer' }).click()
  await page.getByRole('tab', { name: 'Timeline' }).click()
  // Both runs of the answer are on one line of time.
  await expect(page.getByRole('listitem', { name: /^finish|^answer/ }).first()).toBeVisible()
})

test('what is thrown in is read at the next step', async ({ signedIn: page }) => {
  await ask(page, LONG_QUESTION)
  await untilWords(page, 5)
  await composer(page).fill('What is 6 * 7?')
  // Looked for in the page from before it is sent: a busy machine may be slower than the answer.
  const isPending = lastAnswer(page).getByText('to be read at the next step').waitFor({ timeout: 60_000 })
  await composer(page).press('Control+Enter')
  await isPending
  await expect(composer(page)).toHaveValue('')
  await settled(page)
  await expect(lastAnswer(page)).toContainText('What is 6 * 7?')
  await expect(lastAnswer(page)).toContainText('42')
  await expect(lastAnswer(page).getByText('to be read at the next step')).toBeHidden()
})

test('a tool waits for a decision, over a reload and in another tab', async ({ signedIn: page, context }) => {
  await ask(page, CALENDAR_QUESTION)
  const card = (tab: Page) => tab.getByRole('region', { name: 'Allow Dates and times to run?' })
  await expect(card(page)).toContainText('2026-03-01')
  await page.reload()
  await expect(card(page)).toBeVisible()
  const other = await secondTab(page, context)
  await expect(card(other)).toBeVisible()

  await card(page).getByRole('button', { name: 'Edit' }).click()
  await card(page).getByRole('button', { name: 'Edit as JSON' }).click()
  const field = card(page).getByRole('textbox', { name: 'Arguments' })
  await field.fill((await field.inputValue()).replace('2026-03-01', '2026-02-01'))
  await card(page).getByRole('button', { name: 'Approve with changes' }).click()
  await settled(page)
  await settled(other)
  for (const tab of [page, other]) {
    await expect(card(tab)).toBeHidden()
    await expect(lastAnswer(tab)).toContainText('31')
  }

  await ask(page, CALENDAR_QUESTION)
  await card(page).getByRole('button', { name: 'Decline' }).click()
  await card(page).getByRole('textbox', { name: 'Reason' }).fill('No calendars today')
  await card(page).getByRole('button', { name: 'Decline' }).click()
  await settled(page)
  await expect(lastAnswer(page)).toContainText('No calendars today')
})

test('a tool that asks is allowed for good in a chat, with what it is called with changed in a form', async ({ signedIn: page }) => {
  await page.goto('/settings/tools')
  await page.getByRole('combobox', { name: 'Approval of Calculator' }).selectOption('Asks before each call')
  await page.getByRole('link', { name: 'New chat' }).first().click()
  await ask(page, 'What is 6 * 7?')
  const card = page.getByRole('region', { name: 'Allow Calculator to run?' })
  await card.getByRole('button', { name: 'Edit' }).click()
  await card.getByRole('textbox', { name: 'expression' }).fill('6 * 8')
  await card.getByRole('combobox', { name: 'Next time' }).selectOption('Always allow in this chat')
  await card.getByRole('button', { name: 'Approve with changes' }).click()
  await settled(page)
  await expect(lastAnswer(page)).toContainText('48')

  await ask(page, 'What is 9 * 9?')
  await settled(page)
  await expect(lastAnswer(page)).toContainText('81')
  // The other tests of this server ask it, too.
  await page.goto('/settings/tools')
  const word = page.getByRole('combobox', { name: 'Approval of Calculator' })
  const isKept = page.waitForResponse((response) => response.url().includes('/tools/calculator') && response.ok())
  await word.selectOption('As the tool suggests')
  await isKept
})

test('questions in line: changed, taken out, seen elsewhere, and answered in their order', async ({ signedIn: page, context }) => {
  await ask(page, LONG_QUESTION)
  await untilWords(page, 5)
  await pause(page)
  for (const text of ['What is 6 * 7?', 'What is 2 * 4?', 'What is 9 * 9?']) {
    await composer(page).fill(text)
    await composer(page).press('Enter')
    await stored(page, text)
  }
  const other = await secondTab(page, context)
  await expect(line(other)).toHaveCount(3)

  await line(page).nth(1).getByRole('button', { name: 'Edit this question' }).click()
  await line(page).nth(1).getByRole('textbox').fill('What is 8 * 8?')
  await line(page).nth(1).getByRole('textbox').press('Enter')
  await expect(line(other).nth(1)).toContainText('8 * 8')
  await line(other).nth(2).getByRole('button', { name: 'Take it out of the line' }).click()
  await expect(line(page)).toHaveCount(2)
  await page.reload()
  await expect(line(page)).toHaveText([/6 \* 7/, /8 \* 8/])

  await button(page, 'Resume').click()
  await expect(line(page)).toHaveCount(0, { timeout: 90_000 })
  for (const tab of [page, other]) {
    await expect(log(tab).getByRole('article', { name: 'Question' })).toHaveText([LONG_QUESTION, 'What is 6 * 7?', 'What is 8 * 8?'])
    await settled(tab)
    await expect(log(tab).locator('article[data-answer]').nth(1)).toContainText('42')
    await expect(lastAnswer(tab)).toContainText('64')
  }
})

test('after a stop what is in line is held until it is sent', async ({ signedIn: page }) => {
  await ask(page, ENDLESS_QUESTION)
  await untilWords(page, 5)
  await pause(page)
  for (const text of ['What is 6 * 7?', 'What is 8 * 8?']) {
    await composer(page).fill(text)
    await button(page, 'Queue').click()
    await stored(page, text)
  }
  await button(page, 'Stop').click()
  await expect(page.getByText('On hold: nothing goes out by itself')).toBeVisible()
  await page.reload()
  await button(page, 'Send now').click()
  await settled(page)
  await expect(line(page)).toHaveCount(0, { timeout: 90_000 })
  await settled(page)
  await expect(lastAnswer(page)).toContainText('64')
  await expect(log(page).locator('article[data-answer]').nth(1)).toContainText('42')
})

test('a stopped answer is continued in its place', async ({ signedIn: page, context }) => {
  await ask(page, LONG_QUESTION)
  await untilWords(page, 30)
  // Counted in the page, at the press itself: what is read before it from here is older by then.
  const said = await page.evaluateHandle(() => {
    const seen = { atPress: Number.NaN }
    const count = () => [...document.querySelectorAll('[data-answer] .prose')].flatMap(({ textContent }) => textContent.split(/\s+/)).length
    addEventListener('keydown', () => (seen.atPress = count()), { capture: true, once: true })
    return seen
  })
  await button(page, 'Stop').press('Enter')
  await lastAnswer(page).getByText('Stopped. What was written stays.').waitFor()
  expect((await words(page)).split(/\s+/).length - (await said.jsonValue()).atPress).toBeLessThan(SAID_IN_TWO_SECONDS)
  await page.reload()
  const other = await secondTab(page, context)
  await button(page, 'Continue').click()
  for (const tab of [page, other]) {
    await expect(lastAnswer(tab)).toContainText('it is rain, going home', { timeout: 90_000 })
    await settled(tab)
    expect((await words(tab)).split('A river is water on its way downhill')).toHaveLength(2)
  }
})
