/** Lists the slowest end-to-end tests at the end. */
import { relative } from 'node:path'

import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter'

import { askedFor, slowest, type Timed } from './slowest'

export default class SlowestTests implements Reporter {
  private readonly tests: Timed[] = []

  onTestEnd(test: TestCase, result: TestResult): void {
    this.tests.push({ name: `${relative('e2e', test.location.file)} > ${test.titlePath().slice(3).join(' > ')}`, ms: result.duration })
  }

  onEnd(): void {
    process.stdout.write(slowest(this.tests, askedFor(process.env) ?? 0))
  }

  printsToStdio(): boolean {
    return false
  }
}
