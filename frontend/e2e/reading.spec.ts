/** An answer is read, marked, copied and followed to its notes, in whatever direction it is written. */
import type { Page } from '@playwright/test'

import { answers, ask, composer, ENDLESS_QUESTION, lastAnswer, log, QUESTION, questions, settled, stop, untilWords } from './fixtures/chat'
import { expect, test } from './fixtures/test'

test.use({ permissions: ['clipboard-read', 'clipboard-write'] })

const TABLE = '| City | Said |\n| --- | ---: |\n| Porto | "Olá", they say |\n| **Gdańsk** | 1,5 |'
const NOTED = (name: string) => `Text of ${name}[^1] and more[^b].\n\n[^1]: First note of ${name}.\n[^b]: Second note of ${name}.`
const ARABIC = 'مرحبا بالعالم، هذا نص بالعربية.'
const MADE = [
  ['user', ARABIC],
  ['assistant', `${NOTED('one')}\n\n${TABLE}`],
  ['user', 'And in Latin letters?'],
  ['assistant', `${NOTED('two')}\n\n${ARABIC}\n\nLatin again: שלום is Hebrew.\n\n- ${ARABIC}\n\n\`\`\`python\nprint("left to right")\n\`\`\``],
] as const

const WIDE_HEADS = [
  'Internationalisierungsbeauftragter', 'Average responsibility of each department', 'Total', 'Rechtsschutzversicherungsgesellschaften', '`configuration_identifier_of_row`',
  'Aprovisionamento extraordinário do trimestre', 'Notes',
]
const WIDE = [
  ['user', 'Compare them.'],
  ['assistant', `| ${WIDE_HEADS.join(' | ')} |\n|${' --- |'.repeat(WIDE_HEADS.length)}\n| 1 | 2 | 3 | yes | a | 1.5 | A long text that says what else there is to know of this row, in some more words. |`],
] as const

const id = (index: number) => `019c9e00-0000-7000-8000-${String(index).padStart(12, '0')}`

/** A chat of the server whose words are made up: what is tried is how they are shown. */
async function openMade(page: Page, made: readonly (readonly ['user' | 'assistant', string])[] = MADE): Promise<void> {
  await ask(page, QUESTION)
  await settled(page)
  const sessionId = page.url().split('/').at(-1) ?? ''
  const items = made.map(([role, text], index) => ({
    id: id(index), session_id: sessionId, parent_id: index === 0 ? null : id(index - 1), role, content: [{ type: 'text', text }],
    status: 'complete', model: role === 'user' ? null : 'demo/coda', run_id: null, created_at: '2026-11-21T00:00:00Z',
    siblings: { index: 0, count: 1, ids: [id(index)] }, usage: null, timing: null, trace_id: null, feedback: null,
  }))
  await page.route(`**/api/v1/sessions/${sessionId}/messages?*`, (route) => route.fulfill({ json: { items, next_cursor: null } }))
  await page.reload()
  await expect(answers(page)).toHaveCount(made.length / 2)
  await expect(log(page).getByRole('table')).toBeVisible()
}

const directionOf = (page: Page, text: string) =>
  log(page).getByText(text, { exact: true }).first().evaluate((element) => getComputedStyle(element).direction)

test('tables are copied as they are written and for a spreadsheet, and notes lead there and back within their answer', async ({ signedIn: page }) => {
  await openMade(page)
  const copied = () => page.evaluate(() => navigator.clipboard.readText())
  await log(page).getByRole('table').hover()
  await log(page).getByRole('button', { name: 'Copy the table as Markdown' }).click()
  await expect.poll(copied).toBe(TABLE)
  await log(page).getByRole('button', { name: 'Copy the table as CSV' }).click()
  await expect.poll(copied).toBe('City,Said\r\nPorto,"""Olá"", they say"\r\nGdańsk,"1,5"')

  const ids = await log(page).locator('[id]').evaluateAll((elements) => elements.map(({ id: own }) => own))
  expect(new Set(ids).size).toBe(ids.length)
  for (const name of ['one', 'two']) {
    const answer = answers(page).filter({ hasText: `Text of ${name}` })
    const mark = answer.getByRole('link', { name: 'Footnote 2' })
    await mark.click()
    const note = answer.getByRole('listitem').filter({ hasText: `Second note of ${name}` })
    await expect(note).toBeFocused()
    await note.getByRole('link', { name: 'Back to the text' }).click()
    await expect(mark).toBeFocused()
  }
  expect(new URL(page.url()).hash).toBe('')
})

test('headings of many columns wrap between words only, and have room', async ({ signedIn: page }) => {
  await openMade(page, WIDE)
  const heads = log(page).getByRole('columnheader')
  await expect(heads).toHaveCount(WIDE_HEADS.length)
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 })
    const shapes = await heads.evaluateAll((cells) =>
      cells.map((cell) => {
        const text = document.createRange()
        text.selectNodeContents(cell.firstElementChild ?? cell)
        const tops = [...text.getClientRects()].map(({ top }) => Math.round(top))
        return { words: cell.textContent.split(' ').length, lines: new Set(tops).size, width: cell.clientWidth }
      }),
    )
    for (const { words, lines, width: room } of shapes) {
      expect(lines).toBeLessThanOrEqual(words)
      if (words > 1) expect(room).toBeGreaterThanOrEqual(120)
    }
  }
})

test('words of an answer are found, and lead to it', async ({ signedIn: page }) => {
  await ask(page, QUESTION)
  await settled(page)
  await page.getByRole('link', { name: 'New chat' }).click()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('409.5 is')
  const option = page.getByRole('option').filter({ hasText: 'Answer' }).first()
  await expect(option.locator('mark').first()).toBeVisible()
  await option.click()
  await expect(log(page).locator('[data-marked]')).toContainText('409.5')
  await expect(page).toHaveURL(/\/chat\/[^?]+$/)
  await expect(composer(page)).toBeFocused()
})

test('each paragraph runs in the direction of its letters, code never', async ({ signedIn: page }) => {
  await openMade(page)
  expect(await directionOf(page, ARABIC)).toBe('rtl')
  expect(await directionOf(page, 'Latin again: שלום is Hebrew.')).toBe('ltr')
  const inAnswer = lastAnswer(page).locator('.prose')
  await expect(inAnswer.locator('p', { hasText: ARABIC }).first()).toHaveCSS('direction', 'rtl')
  await expect(inAnswer.getByRole('listitem').filter({ hasText: ARABIC })).toHaveCSS('direction', 'rtl')
  await expect(inAnswer.locator('pre')).toHaveCSS('direction', 'ltr')
  await expect(questions(page).first().getByText(ARABIC)).toHaveCSS('direction', 'rtl')
  await composer(page).fill(ARABIC)
  await expect(composer(page)).toHaveCSS('direction', 'rtl')
  await composer(page).fill('Latin')
  await expect(composer(page)).toHaveCSS('direction', 'ltr')
})

test('what is marked stays marked while the answer grows, and is what is copied', async ({ signedIn: page }) => {
  await ask(page, ENDLESS_QUESTION)
  await untilWords(page, 12)
  // The paragraph that is being written.
  const marked = await lastAnswer(page).locator('.prose p').last().evaluate((paragraph) => {
    const text = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT).nextNode() as Text
    document.getSelection()?.setBaseAndExtent(text, 2, text, Math.min(14, text.length))
    return document.getSelection()?.toString() ?? ''
  })
  expect(marked.length).toBeGreaterThan(3)
  await untilWords(page, 140)
  expect(await page.evaluate(() => document.getSelection()?.toString())).toBe(marked)
  await page.keyboard.press('Control+c')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(marked)
  await stop(page)
})
