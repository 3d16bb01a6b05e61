/** A chat of ten thousand messages opens as fast as one of ten, and holds still while older ones come. */
import type { Page } from '@playwright/test'

import { answers, ask, LONG_QUESTION, log, QUESTION, settled, untilWords } from './fixtures/chat'
import { expect, test } from './fixtures/test'

const PAGE = 50
const PROMISED_MS = 1_000
/** How many times slower the promise takes the machine to be. */
const SLOWER = 4

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

/** Reads the processor time that the page has taken: what else the machine is doing changes it little. */
async function mainThreadClock(page: Page): Promise<() => Promise<number>> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  return async () => {
    const { metrics } = await cdp.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1_000
  }
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

    const clock = await mainThreadClock(page)
    const begun = await clock()
    await session.evaluate(async (link, wanted) => {
      ;(link as HTMLElement).click()
      while (!document.querySelector(`[data-answer="${wanted}"]`)) await new Promise(requestAnimationFrame)
    }, id(count - 1))
    const ms = (await clock()) - begun
    test.info().annotations.push({ type: 'processor time', description: `${ms.toFixed(0)} ms` })
    expect(ms * SLOWER).toBeLessThan(PROMISED_MS)
    expect(await log(page).getByRole('article').count()).toBeLessThan(40)
    await expect(answers(page).last()).toBeInViewport()
  })
}

/** A long session at its end, as it is after a reload. */
async function openLong(page: Page): Promise<void> {
  await ask(page, QUESTION)
  await settled(page)
  await fill(page, page.url().split('/').at(-1) ?? '', 1_000)
  await page.reload()
  await expect(page.getByText('Answer 999')).toBeVisible()
  await page.evaluate(() => document.fonts.ready)
  await expect.poll(() => log(page).evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight)).toBeLessThan(2)
}

/** Scrolls up by `step` pixels once; says how far each frame moved what can be read. */
async function wheel(page: Page, step: number): Promise<number[]> {
  // At the very top the next page is on its way, and there is nothing to scroll yet.
  await expect.poll(() => log(page).evaluate((list) => list.scrollTop)).toBeGreaterThan(2 * step)
  const moves = log(page).evaluateHandle((list) => {
    const seen: { frames: number[]; still: number; isOver: boolean } = { frames: [], still: 0, isOver: false }
    // A slow machine may show half of the scroll for a while: it is over when the browser says so.
    list.addEventListener('scrollend', () => (seen.isOver = true), { once: true })
    const places = () => new Map([...list.querySelectorAll('article')].map((article) => [article, article.getBoundingClientRect().top]))
    let before = places()
    const look = () => {
      const now = places()
      const edge = list.getBoundingClientRect()
      const inSight = [...now].find(([article, top]) => before.has(article) && top >= edge.top && top < edge.bottom)
      const moved = inSight === undefined ? Number.NaN : inSight[1] - (before.get(inSight[0]) ?? 0)
      if (moved !== 0) seen.frames.push(moved)
      seen.still = moved === 0 && seen.isOver && seen.frames.length > 0 ? seen.still + 1 : 0
      before = now
      if (seen.still < 4) requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
    return seen
  })
  const seen = await moves
  await page.mouse.wheel(0, -step)
  await page.waitForFunction(({ still }) => still >= 4, seen)
  return (await seen.jsonValue()).frames
}

test('older messages come above, and what is read stays where it is', async ({ signedIn: page }) => {
  const STEP = 800
  await openLong(page)
  await log(page).hover()
  for (let step = 0; step < 35; step += 1) {
    const frames = await wheel(page, STEP)
    const moved = frames.reduce((sum, frame) => sum + frame, 0)
    expect(Math.abs(moved - STEP), `step ${String(step)}: ${frames.join(', ')}`).toBeLessThan(4)
    expect(Math.min(...frames), `step ${String(step)}: ${frames.join(', ')}`).toBeGreaterThan(-4)
  }
  await expect(log(page).getByRole('article').first()).not.toContainText(/Question 99\d/)
})

test('a scroll that the list has not heard of is not taken back when older messages come', async ({ signedIn: page }) => {
  await openLong(page)
  const seen = await log(page).evaluate(async (list) => {
    const STEP = 100
    const jumps: number[] = []
    let pages = 0
    let picture = 0
    const shownSince = new WeakMap<Element, number>()
    const look = () => {
      picture += 1
      for (const article of list.querySelectorAll('article')) if (!shownSince.has(article)) shownSince.set(article, picture)
      if (pages < 2) requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
    // What has just come is not read yet, and gets its measured height with its picture.
    const isRead = (article: Element) => picture - (shownSince.get(article) ?? picture) >= 2
    while (pages < 2 && jumps.length < 1_000) {
      while (list.scrollTop < STEP) await new Promise(requestAnimationFrame)
      const edge = list.getBoundingClientRect()
      const staysInSight = ({ top, bottom }: DOMRect) => bottom > edge.top && top < edge.bottom - STEP
      const marker = [...list.querySelectorAll('article')].find((article) => isRead(article) && staysInSight(article.getBoundingClientRect()))
      if (marker === undefined) {
        // Scrolled faster than it is drawn: nothing is read until the next picture.
        await new Promise(requestAnimationFrame)
        continue
      }
      const before = { place: marker.getBoundingClientRect().top, height: list.scrollHeight }
      list.scrollBy(0, -STEP)
      // Shorter than a frame: what comes in meanwhile meets a scroll that no event has told of.
      await new Promise((resolve) => setTimeout(resolve, 4))
      const jump = () => Math.abs(marker.getBoundingClientRect().top - before.place - STEP)
      // Between a measured height and its picture the place may be out for a moment, for some frames on a slow machine. What is taken back stays so.
      for (let frame = 0; frame < 30 && marker.isConnected && jump() >= 1; frame += 1) await new Promise(requestAnimationFrame)
      if (marker.isConnected) jumps.push(jump())
      if (list.scrollHeight > before.height + 5_000) pages += 1
    }
    return { worst: Math.max(...jumps), pages }
  })
  expect(seen).toEqual({ worst: expect.any(Number), pages: 2 })
  expect(seen.worst).toBeLessThan(4)
})

/** An answer under way that is already longer than the small window. */
async function askForMoreThanFits(page: Page): Promise<void> {
  await page.setViewportSize({ width: 700, height: 420 })
  await ask(page, LONG_QUESTION)
  await expect.poll(() => log(page).evaluate((list) => list.scrollHeight - list.clientHeight)).toBeGreaterThan(250)
}

test('whoever reads further up is not dragged down by a growing answer', async ({ signedIn: page }) => {
  await askForMoreThanFits(page)
  await log(page).evaluate((list) => list.scrollTo(0, 20))
  await expect(page.getByRole('button', { name: 'To the newest' })).toBeVisible()
  const before = await log(page).evaluate((list) => list.scrollTop)
  await untilWords(page, 150)
  expect(await log(page).evaluate((list) => list.scrollTop)).toBeCloseTo(before, -1)
  await page.getByRole('button', { name: 'To the newest' }).click()
  await expect(answers(page).last().locator('footer')).toBeInViewport()
  await untilWords(page, 190)
  await expect(answers(page).last().locator('footer')).toBeInViewport()
})

test('a gentle move up at the end is enough to read on in peace, and the end is followed again from there', async ({ signedIn: page }) => {
  await askForMoreThanFits(page)
  await log(page).hover()
  for (let step = 0; step < 4; step += 1) await page.mouse.wheel(0, -6)
  const place = () => log(page).evaluate((list) => list.scrollTop)
  await expect.poll(async () => (await place()) - (await place())).toBe(0)
  const before = await place()
  await untilWords(page, 150)
  expect(await place()).toBeCloseTo(before, -1)
  await page.mouse.wheel(0, 100_000)
  await untilWords(page, 190)
  await expect(answers(page).last().locator('footer')).toBeInViewport()
})

test('whoever comes back to a chat reads on where they were', async ({ signedIn: page }) => {
  await openLong(page)
  await log(page).hover()
  for (let step = 0; step < 6; step += 1) await wheel(page, 500)
  const inSight = () =>
    log(page).evaluate((list) => {
      const { top } = list.getBoundingClientRect()
      const first = [...list.querySelectorAll('article')].find((article) => article.getBoundingClientRect().bottom > top)
      return { words: first?.textContent.slice(0, 40), at: Math.round((first?.getBoundingClientRect().top ?? 0) - top) }
    })
  const before = await inSight()
  await page.getByRole('link', { name: 'New chat' }).click()
  await expect(page.getByRole('heading', { name: 'What are we working on?' })).toBeVisible()
  await page.goBack()
  await expect.poll(inSight).toEqual({ words: before.words, at: expect.closeTo(before.at, -1) })
})

test('all of a chat goes to paper, and nothing around it', async ({ signedIn: page }) => {
  await openLong(page)
  await page.evaluate(() => {
    window.print = () => {
      window.dispatchEvent(new Event('beforeprint'))
      document.documentElement.dataset['printed'] = String(document.querySelectorAll('.printed article').length)
    }
  })
  await page.keyboard.press('Control+p')
  await expect(page.locator('html')).toHaveAttribute('data-printed', '1000', { timeout: 90_000 })
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  await expect(page.locator('.printed').getByText('Question 0', { exact: true })).toBeVisible()
  await expect(page.locator('.printed').getByText('Answer 999')).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Your question' })).toBeHidden()
  await expect(page.getByRole('complementary', { name: 'Chats' })).toBeHidden()
  const { ground, height } = await page.evaluate(() => ({ ground: getComputedStyle(document.body).backgroundColor, height: document.documentElement.scrollHeight }))
  expect(ground).toBe('rgb(255, 255, 255)')
  expect(height).toBeGreaterThan(20_000)
})
