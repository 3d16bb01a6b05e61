/** Answers that are alive: in two tabs, over a lost network, over a killed server. */
import { answers, ask, composer, ENDLESS_QUESTION, lastAnswer, LONG_QUESTION, QUESTION, questions, settled, stop, untilWords, words } from './fixtures/chat'
import { CodaServer } from './fixtures/codaServer'
import { ADMIN, expect, signIn, test } from './fixtures/test'

test('another tab sees question and answer as they come', async ({ signedIn: page, context }) => {
  await ask(page, QUESTION)
  await settled(page)
  const other = await context.newPage()
  await other.goto(page.url())
  await expect(lastAnswer(other)).toContainText('409.5')

  await ask(page, ENDLESS_QUESTION)
  await expect(questions(other).last()).toContainText(ENDLESS_QUESTION)
  await untilWords(other, 10)
  await expect(lastAnswer(other)).toHaveAttribute('aria-busy', 'true')
  await stop(page)
  await settled(other)
  await expect.poll(async () => (await words(other)) === (await words(page))).toBe(true)

  await other.getByRole('button', { name: 'Answer again' }).last().click()
  await expect(lastAnswer(page)).toHaveAttribute('aria-busy', 'true')
  await stop(other)
  await settled(page)
  await expect(lastAnswer(page)).toContainText('2 / 2')
})

test('a lost network loses no word and doubles none', async ({ signedIn: page, context }) => {
  await ask(page, LONG_QUESTION)
  await untilWords(page, 20)
  await context.setOffline(true)
  await expect(page.getByText('Reconnecting. Nothing is lost')).toBeVisible({ timeout: 15_000 })
  await context.setOffline(false)
  await expect(page.getByText('Reconnecting. Nothing is lost')).toBeHidden({ timeout: 20_000 })
  await settled(page)
  const live = await words(page)
  await page.reload()
  await settled(page)
  await expect.poll(() => words(page)).toBe(live)
})

test('a question asked without a network goes out once when it is back', async ({ signedIn: page, context }) => {
  await ask(page, QUESTION)
  await settled(page)
  await context.setOffline(true)
  await ask(page, 'What is 3 * 7?')
  await expect(lastAnswer(page)).toContainText('waiting to start')
  await context.setOffline(false)
  await settled(page)
  await expect(lastAnswer(page)).toContainText('21')
  await page.reload()
  await settled(page)
  await expect(questions(page).filter({ hasText: 'What is 3 * 7?' })).toHaveCount(1)
  await expect(answers(page)).toHaveCount(2)
})

test('what is typed stays, on this device and on the next', async ({ signedIn: page, browser, server }) => {
  await ask(page, QUESTION)
  await settled(page)
  const saved = page.waitForResponse((response) => response.url().endsWith('/draft') && response.request().method() === 'PUT')
  await composer(page).fill('Half a thought')
  await saved
  await page.reload()
  await expect(composer(page)).toHaveValue('Half a thought')

  const elsewhere = await (await browser.newContext({ baseURL: server.url })).newPage()
  await signIn(elsewhere)
  await elsewhere.goto(page.url())
  await expect(composer(elsewhere)).toHaveValue('Half a thought')
  await elsewhere.context().close()
})

test('what was sent is no draft any more, after a quick reload and in another tab', async ({ signedIn: page, context }) => {
  await ask(page, QUESTION)
  await settled(page)
  const saved = page.waitForResponse((response) => response.url().endsWith('/draft') && response.request().method() === 'PUT')
  await composer(page).fill('What is 6 * 7?')
  await saved
  const other = await context.newPage()
  await other.goto(page.url())
  await expect(composer(other)).toHaveValue('What is 6 * 7?')

  // Nothing but the question itself gets through before the reload.
  await page.route('**/draft', (route) => (route.request().method() === 'PUT' ? route.abort() : route.continue()))
  await composer(page).press('Enter')
  await expect(questions(page)).toHaveCount(2)
  await expect(composer(other)).toHaveValue('')
  await settled(page)
  await page.evaluate(() => localStorage.clear())
  await page.reload()
  await settled(page)
  await expect(composer(page)).toHaveValue('')
})

test('whoever signs out takes along what they were writing, in every tab', async ({ signedIn: page, context }) => {
  await ask(page, QUESTION)
  await settled(page)
  const other = await context.newPage()
  await other.goto('/')
  await composer(other).fill('A private thought')
  await composer(page).fill('Another one')
  const chat = page.url().split('/').at(-1) ?? ''
  const kept = () => page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))
  for (const own of ['A private thought', 'Another one', chat]) expect(await kept()).toContain(own)

  await page.getByRole('complementary', { name: 'Chats' }).getByRole('button', { name: /admin/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  for (const tab of [page, other]) await expect(tab.getByRole('button', { name: 'Sign in' })).toBeVisible()
  for (const own of ['A private thought', 'Another one', chat, 'coda.person']) expect(await kept()).not.toContain(own)

  await signIn(other)
  await expect(composer(other)).toHaveValue('')
  await page.goBack()
  await expect(page.getByText('A private thought')).toHaveCount(0)
})

test('an address of no chat leads home', async ({ signedIn: page }) => {
  for (const address of ['/chat/019c9e00-0000-7000-8000-000000000000', '/chat/no-id-at-all']) {
    await page.goto(address)
    await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible()
    await page.getByRole('link', { name: 'Start a chat' }).click()
    await expect(page.getByRole('heading', { name: 'What are we working on?' })).toBeVisible()
  }
})

test('every script and style comes compressed, as small as can be', async ({ page, server }) => {
  const plain: string[] = []
  page.on('response', (response) => {
    const { pathname } = new URL(response.url())
    if (response.status() === 200 && /\.(js|css)$/.test(pathname) && response.headers()['content-encoding'] !== 'br') plain.push(pathname)
  })
  await signIn(page)
  await page.goto(`${server.url}/settings/models`)
  await expect(page.getByRole('heading', { name: 'Default model' })).toBeVisible()
  expect(plain).toEqual([])
})

test('a killed server comes back to every word it had shown', async ({ browser }) => {
  test.setTimeout(300_000) // two starts, and the time until the lost worker's run is given to another
  const server = new CodaServer({ CODA_ADMIN_EMAIL: ADMIN.email, CODA_ADMIN_PASSWORD: ADMIN.password })
  await server.start()
  const page = await (await browser.newContext({ baseURL: server.url })).newPage()
  await signIn(page)
  await ask(page, LONG_QUESTION)
  await untilWords(page, 20)
  const seen = (await words(page)).trim()
  await server.stop('SIGKILL')
  await server.start()
  await settled(page)
  // The answer went on, or was given up and says so; what stands there is what is stored.
  const shown = await words(page)
  await page.reload()
  await settled(page)
  await expect.poll(() => words(page)).toBe(shown)
  expect(shown.length).toBeGreaterThanOrEqual(seen.length / 2)
  await page.context().close()
  await server.remove()
})
