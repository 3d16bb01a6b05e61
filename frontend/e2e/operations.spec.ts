/** The operator's page: a background job that failed is seen, tried again, and does its work. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { ask, expectNoOverflow, settled } from './fixtures/chat'
import { CodaServer } from './fixtures/codaServer'
import { ADMIN, expect, signIn, test } from './fixtures/test'

const TITLE = 'A title by the model'

/** A provider that answers questions, and refuses to write titles until it is told to. */
class Provider {
  writesTitles = false
  private readonly server: Server = createServer((request, response) => {
    if (request.method === 'GET') return response.end(JSON.stringify({ object: 'list', data: [{ id: 'sim' }] }))
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => this.answer(response, Buffer.concat(chunks).toString().includes('Write a title')))
  })

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}/v1`
  }

  close(): void {
    this.server.close()
    this.server.closeAllConnections()
  }

  private answer(response: ServerResponse, isTitle: boolean): void {
    if (isTitle && !this.writesTitles) {
      response.writeHead(503).end('{"error": {"message": "Out of order."}}')
      return
    }
    const delta = (content: string, finish: string | null) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.end(`${delta(isTitle ? TITLE : 'Hello there.', null)}${delta('', 'stop')}data: [DONE]\n\n`)
  }
}

test.describe('operations', () => {
  const provider = new Provider()
  let coda: CodaServer

  test.beforeAll(async () => {
    test.setTimeout(120_000)
    coda = new CodaServer({
      CODA_ADMIN_EMAIL: ADMIN.email,
      CODA_ADMIN_PASSWORD: ADMIN.password,
      OPENAI_BASE_URL: await provider.listen(),
      CODA_DEFAULT_MODEL: 'openai/sim',
      CODA_LLM__MAX_TRIES: '1',
      CODA_JOBS__MAX_TRIES: '1',
    })
    await coda.start()
  })

  test.afterAll(async () => {
    await coda.remove()
    provider.close()
  })

  test('a failed job is seen, tried again, and does its work', async ({ browser }) => {
    const context = await browser.newContext({ baseURL: coda.url })
    const page = await context.newPage()
    await signIn(page)
    await ask(page, 'Say hello.')
    await settled(page)

    await page.goto('/settings/profile')
    await page.getByRole('link', { name: 'Operations' }).click()
    await expect(page.getByText('alive')).toBeVisible()
    await expect(page.getByRole('definition').first()).toBeVisible()
    await page.getByRole('tab', { name: /Failed/ }).click()
    const row = page.getByRole('listitem').filter({ hasText: 'Name a chat' })
    await expect(row).toContainText('llm.provider_unavailable')
    await expect(page.getByRole('tab', { name: 'Failed 1' })).toBeVisible()

    provider.writesTitles = true
    await row.getByRole('button', { name: 'Try again' }).click()

    await expect(page.getByText('No job has failed.')).toBeVisible()
    await page.getByRole('tab', { name: /Done/ }).click()
    await expect(page.getByRole('listitem').filter({ hasText: 'Name a chat' })).toBeVisible()
    await expect(page.getByRole('link', { name: TITLE })).toBeVisible()
    await page.setViewportSize({ width: 390, height: 844 })
    await expectNoOverflow(page)
    await context.close()
  })
})
