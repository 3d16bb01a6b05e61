import { defineConfig } from '@playwright/test'

const executablePath = process.env['CODA_CHROMIUM'] ?? '/usr/bin/chromium'

/** Uses the Chromium of the machine; never downloads one. The server is started by whoever starts the tests. */
export default defineConfig({
  testDir: 'e2e',
  // Deadlines are for what never comes, not for a busy machine.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  workers: 1,
  reporter: process.env['CI'] ? 'line' : 'list',
  use: {
    baseURL: process.env['CODA_E2E_URL'] ?? 'http://127.0.0.1:8000',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    },
  },
})
