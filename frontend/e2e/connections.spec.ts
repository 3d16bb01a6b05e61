/** What can be set for a connection, in the screens that people use: it goes with every request, and is kept. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { composer, expectNoOverflow, settled } from './fixtures/chat'
import { expect, test } from './fixtures/test'

/** A server of OpenAI's wire that says one thing, and keeps what it was asked. */
class Provider {
  headers: IncomingHttpHeaders = {}
  body: Record<string, unknown> = {}
  private readonly server: Server = createServer((request, response) => {
    if (request.method === 'GET') return response.end(JSON.stringify({ object: 'list', data: [{ id: 'sim' }] }))
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      this.headers = request.headers
      this.body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      const choices = [{ index: 0, delta: { content: 'Hello there.' }, finish_reason: 'stop' }]
      response.end(`data: ${JSON.stringify({ choices, usage: { prompt_tokens: 1000, completion_tokens: 500 } })}\n\ndata: [DONE]\n\n`)
    })
  })

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}/v1`
  }

  close(): void {
    this.server.close()
    this.server.closeAllConnections()
  }
}

test.use({ settings: { CODA_RUNS__MODEL_TITLES: 'false' } })

test.describe('connections', () => {
  const provider = new Provider()
  test.afterAll(() => provider.close())

  test('what is set under Advanced goes with every request, is booked, and is kept', async ({ signedIn: page }) => {
    await page.goto('/settings/models')
    await page.getByRole('button', { name: 'Connect a model' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('OpenAI-compatible', { exact: true }).click()
    await dialog.getByLabel('Address').fill(await provider.listen())
    await dialog.getByLabel('Name', { exact: true }).fill('box')

    await dialog.getByRole('button', { name: /^Advanced/ }).click()
    await dialog.getByRole('button', { name: 'Add a header' }).click()
    await dialog.getByLabel('Name of header 1').fill('X-Team')
    await dialog.getByLabel('Value of header 1').fill('blue')
    await dialog.getByLabel('Extra fields').fill('{"service_tier": "priority"')
    await dialog.getByRole('button', { name: 'Test and save' }).click()
    await expect(dialog.getByLabel('Extra fields')).toHaveAttribute('aria-invalid', 'true')
    await expect(dialog.getByLabel('Extra fields')).toBeFocused()

    // Dearer than the price book knows: refused beside its field until a price is set.
    await dialog.getByLabel('Extra fields').fill('{"service_tier": "priority"}')
    await dialog.getByRole('button', { name: 'Test and save' }).click()
    await expect(dialog.getByText(/service_tier .*costs more/)).toBeInViewport()
    await expect(dialog.getByLabel('Extra fields')).toBeFocused()

    await dialog.getByText('Own prices', { exact: true }).click()
    const price = dialog.getByRole('group', { name: 'Price 1' })
    await price.getByLabel('Input', { exact: true }).fill('2')
    await price.getByLabel('Output', { exact: true }).fill('10')
    await dialog.getByRole('button', { name: 'Test and save' }).click()
    await dialog.getByRole('button', { name: 'Use for new chats' }).click()
    await dialog.waitFor({ state: 'hidden' })

    await page.goto('/')
    await composer(page).fill('Say hello.')
    await page.keyboard.press('Enter')
    await settled(page)
    expect(provider.headers['x-team']).toBe('blue')
    expect(provider.body['service_tier']).toBe('priority')
    await expect(page.getByText('$0.007').first()).toBeVisible()

    await page.goto('/settings/models')
    await page.getByRole('button', { name: 'Edit box' }).click()
    await expect(dialog.getByRole('button', { name: /^Advanced/ })).toContainText('1 header · extra fields · own prices')
    await dialog.getByRole('button', { name: /^Advanced/ }).click()
    await expect(dialog.getByLabel('Name of header 1')).toHaveValue('X-Team')
    await expect(dialog.getByLabel('Value of header 1')).toHaveValue('')
    await page.setViewportSize({ width: 390, height: 844 })
    await expectNoOverflow(page)
    await dialog.getByRole('button', { name: 'Remove header 1' }).click()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Edit box' }).click()
    await expect(dialog.getByRole('button', { name: /^Advanced/ })).toContainText('extra fields · own prices')
  })
})
