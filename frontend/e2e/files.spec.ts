/** A picture on its way: pasted, sent, seen by the model, there after a reload, opened large; and a file that is not read. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, type Page } from '@playwright/test'

import { composer, lastAnswer, questions, settled } from './fixtures/chat'
import { CodaServer } from './fixtures/codaServer'
import { ADMIN, signIn, test } from './fixtures/test'

interface Asked {
  messages: { role: string; content: string | { type: string; image_url?: { url: string } }[] }[]
}

/** Speaks OpenAI's wire, and tells what it was shown. */
class Seer {
  readonly asked: Asked[] = []
  private readonly server: Server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.setHeader('Content-Type', 'application/json')
      const data = [
        { id: 'seer', max_model_len: 32_000, supported_parameters: ['tools'], architecture: { input_modalities: ['text', 'image'] } },
        { id: 'reader', max_model_len: 32_000, supported_parameters: ['tools'], architecture: { input_modalities: ['text'] } },
      ]
      response.end(JSON.stringify({ data }))
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Asked
      this.asked.push(body)
      response.setHeader('Content-Type', 'text/event-stream')
      for (const delta of [{ content: `I see ${String(shown(body).length)} picture(s).` }, {}]) {
        response.write(`data: ${JSON.stringify({ choices: [{ delta, finish_reason: 'content' in delta ? null : 'stop' }] })}\n\n`)
      }
      response.end('data: [DONE]\n\n')
    })
  })

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}/v1`
  }

  stop(): void {
    this.server.close()
    this.server.closeAllConnections()
  }
}

function shown({ messages }: Asked): string[] {
  const parts = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content))
  return parts.flatMap(({ image_url }) => (image_url === undefined ? [] : [image_url.url]))
}

/** As the browser does when a screenshot is pasted. */
async function pastePicture(page: Page, name: string): Promise<void> {
  await composer(page).evaluate(async (field, fileName) => {
    const canvas = document.createElement('canvas')
    canvas.width = 320
    canvas.height = 200
    const context = canvas.getContext('2d')
    context?.fillRect(20, 20, 120, 80)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
    const data = new DataTransfer()
    data.items.add(new File([blob ?? new Blob()], fileName, { type: 'image/png' }))
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  }, name)
}

test.describe.serial('files in a chat', () => {
  const seer = new Seer()
  let server: CodaServer
  let page: Page

  test.beforeAll(async ({ browser }) => {
    test.setTimeout(180_000)
    server = new CodaServer({
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: await seer.start(),
      CODA_DEFAULT_MODEL: 'openai/seer',
      CODA_RUNS__MODEL_TITLES: 'false',
      CODA_FILES__MAX_BYTES: '1000000',
      CODA_ADMIN_EMAIL: ADMIN.email,
      CODA_ADMIN_PASSWORD: ADMIN.password,
    })
    await server.start()
    page = await (await browser.newContext({ baseURL: server.url })).newPage()
    await signIn(page)
  })

  test.afterAll(async () => {
    await page.context().close()
    await server.remove()
    seer.stop()
  })

  test('a pasted picture reaches the model', async () => {
    await pastePicture(page, 'screenshot.png')
    const tray = page.getByRole('list', { name: 'Attached files' })
    await expect(tray.getByRole('textbox', { name: 'Description of screenshot.png' })).toBeVisible()
    // As fast as keys can come: no letter is lost.
    await tray.getByRole('textbox').pressSequentially('A dark rectangle')
    await composer(page).fill('What is in this picture?')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await settled(page)

    await expect(lastAnswer(page)).toContainText('I see 1 picture(s).')
    expect(shown(seer.asked.at(-1) ?? { messages: [] })[0]).toMatch(/^data:image\/png;base64,/)
    await expect(tray).toHaveCount(0)
  })

  test('it is there after a reload, and opens large', async () => {
    await page.reload()
    const thumbnail = questions(page).first().getByRole('button', { name: 'Open the picture A dark rectangle' })
    await expect(thumbnail.getByRole('img')).toHaveJSProperty('complete', true)
    await expect.poll(() => thumbnail.getByRole('img').evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(320)
    await thumbnail.click()
    const large = page.getByRole('dialog', { name: 'A dark rectangle' })
    await expect(large.getByRole('img')).toBeVisible()
    await page.keyboard.press('+')
    await expect(large.getByRole('button', { name: 'Fit to the window' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(large).toHaveCount(0)
    await expect(thumbnail).toBeFocused()
    // A press beside the picture closes too, one on it does not.
    await thumbnail.click()
    await large.getByRole('img').click()
    await expect(large).toBeVisible()
    await large.locator('[data-ground]').click({ position: { x: 5, y: 5 } })
    await expect(large).toHaveCount(0)
  })

  test('a file is attached, kept over a reload, and said not to be read', async () => {
    await page.getByTestId('attach').setInputFiles({ name: 'table.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') })
    const tray = page.getByRole('list', { name: 'Attached files' })
    await expect(tray).toContainText('models do not read it yet')
    await page.reload()
    await expect(tray).toContainText('table.csv')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await settled(page)

    const saved = questions(page).last().getByRole('link', { name: 'Save table.csv' })
    await expect(saved).toContainText('attached, not read')
    const download = page.waitForEvent('download')
    await saved.click()
    expect((await download).suggestedFilename()).toBe('table.csv')
  })

  test('what is refused says why, and can be taken out', async () => {
    await page.getByTestId('attach').setInputFiles({ name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('\x89PNG\r\n\x1a\nnothing', 'latin1') })
    const tray = page.getByRole('list', { name: 'Attached files' })
    await expect(tray.getByRole('alert')).toContainText('damaged')
    await expect(tray.getByRole('button', { name: 'Try again: broken.png' })).toHaveCount(0)
    await tray.getByRole('button', { name: 'Remove broken.png' }).click()
    await expect(tray).toHaveCount(0)
  })

  test('one that did not arrive holds back the rest, until it is taken out with the keyboard', async () => {
    const asked = seer.asked.length
    const tray = page.getByRole('list', { name: 'Attached files' })
    await page.getByTestId('attach').setInputFiles([
      { name: 'large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(1_000_001) },
      { name: 'small.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n') },
    ])
    await expect(tray).toContainText('models do not read it yet')
    await composer(page).fill('Read this')
    await expect(tray).toContainText('larger than 1 MB')
    await expect(page.getByRole('alert').filter({ hasText: 'large.bin did not arrive. Remove it to send the rest.' })).toBeVisible()
    await composer(page).press('Enter')
    await expect(composer(page)).toHaveValue('Read this')

    await tray.getByRole('button', { name: 'Remove large.bin' }).press('Enter')
    await expect(tray.getByRole('button', { name: 'Remove small.csv' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(composer(page)).toBeFocused()
    await page.keyboard.press('Enter')
    await settled(page)
    expect(seer.asked).toHaveLength(asked + 1)
  })

  test('a model that sees nothing is told of before anything is sent, and a refusal leaves no empty chat', async () => {
    const asked = seer.asked.length
    await page.goto('/')
    await page.getByRole('button', { name: /^Model:/ }).click()
    await page.getByRole('region', { name: 'OpenAI' }).getByRole('button', { name: /reader/ }).click()
    await pastePicture(page, 'screenshot.png')
    await expect(page.getByText('reader sees no pictures.')).toBeVisible()
    await composer(page).fill('What is it?')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await expect(page.getByText('This model cannot look at pictures. Choose one that can.')).toBeVisible()
    await expect(page.getByRole('heading', { name: 'What are we working on?' })).toBeVisible()
    await expect(composer(page)).toHaveValue('What is it?')
    await expect(page.getByRole('button', { name: 'Model: reader' })).toBeVisible()
    await expect(page.getByRole('navigation', { name: 'Chats' }).getByText('New chat')).toHaveCount(0)

    await page.getByRole('button', { name: 'Answer with seer' }).click()
    await expect(page.getByText('This model cannot look at pictures. Choose one that can.')).toHaveCount(0)
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await settled(page)
    await expect(lastAnswer(page)).toContainText('I see 1 picture(s).')
    expect(seer.asked).toHaveLength(asked + 1)
  })

  test('a question that only shows a picture is edited beside it', async () => {
    await pastePicture(page, 'second.png')
    await expect(page.getByRole('textbox', { name: 'Description of second.png' })).toBeVisible()
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await settled(page)
    await questions(page).last().getByRole('button', { name: 'Edit the question' }).click()
    const form = page.locator('form').filter({ has: page.getByRole('textbox', { name: 'Edit the question' }) })
    await expect(form.getByRole('button', { name: 'Open the picture second.png' })).toBeVisible()
    await expect(form.getByRole('button', { name: 'Send' })).toBeEnabled()
    await form.getByRole('textbox').fill('And this one?')
    await form.getByRole('button', { name: 'Send' }).click()
    await settled(page)
    await expect(questions(page).last()).toContainText('And this one?')
    await expect(questions(page).last().getByRole('button', { name: 'Open the picture second.png' })).toBeVisible()
  })
})
