import { defineConfig, type ReporterDescription } from '@playwright/test'

import { askedFor } from './tests/durations/slowest'

const executablePath = process.env['CODA_CHROMIUM'] ?? '/usr/bin/chromium'

const reporters: ReporterDescription[] = [[process.env['CI'] ? 'line' : 'list']]
if (askedFor(process.env) !== null) reporters.push(['./tests/durations/playwrightReporter.ts'])

/** Uses the Chromium of the machine; never downloads one. Each worker starts a server of its own: see fixtures/test.ts. */
export default defineConfig({
  testDir: 'e2e',
  // Deadlines are for what never comes, not for a busy machine.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  workers: Number(process.env['BROWSERS'] || 2),
  reporter: reporters,
  use: {
    baseURL: process.env['CODA_E2E_URL'] ?? 'http://127.0.0.1:8000',
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: true, sources: false },
    launchOptions: {
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    },
  },
})
