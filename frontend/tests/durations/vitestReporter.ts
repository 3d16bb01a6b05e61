/** Lists the slowest unit tests at the end. */
import type { Reporter, TestModule } from 'vitest/node'

import { askedFor, slowest, type Timed } from './slowest'

export default class SlowestTests implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests: Timed[] = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => ({
        name: `${module.relativeModuleId} > ${test.fullName}`,
        ms: test.diagnostic()?.duration ?? 0,
      })),
    )
    process.stdout.write(slowest(tests, askedFor(process.env) ?? 0))
  }
}
