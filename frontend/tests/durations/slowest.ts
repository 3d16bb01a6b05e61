/** The slowest tests of a run, as pytest's `--durations` lists them. */
export interface Timed {
  name: string
  ms: number
}

/** The `count` slowest, or all for 0; one a line, the slowest first. */
export function slowest(tests: readonly Timed[], count: number): string {
  const ordered = tests.toSorted((one, other) => other.ms - one.ms)
  const listed = count > 0 ? ordered.slice(0, count) : ordered
  const lines = listed.map(({ name, ms }) => `${(ms / 1_000).toFixed(2).padStart(7)}s ${name}`)
  return [`slowest ${String(listed.length)} of ${String(tests.length)} tests`, ...lines, ''].join('\n')
}

/** How many tests are to be listed; null when nobody asked (`make test DURATIONS=20`). */
export function askedFor(environment: Record<string, string | undefined>): number | null {
  const count = Number(environment['DURATIONS'] || Number.NaN)
  return Number.isInteger(count) && count >= 0 ? count : null
}
