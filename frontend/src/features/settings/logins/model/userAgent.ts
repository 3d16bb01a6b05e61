/** A browser's long signature as two words that a person knows. */
/* eslint-disable lingui/no-unlocalized-strings -- names of products are not translated */
const BROWSERS: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/OPR\//, 'Opera'],
  [/Chrom(e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]

const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Mac OS X/, 'macOS'],
  [/Windows/, 'Windows'],
  [/Linux/, 'Linux'],
]
/* eslint-enable lingui/no-unlocalized-strings */

export function describeUserAgent(text: string | null): string | null {
  if (!text) return null
  const find = (table: [RegExp, string][]) => table.find(([pattern]) => pattern.test(text))?.[1]
  const words = [find(BROWSERS), find(SYSTEMS)].filter(Boolean)
  return words.length > 0 ? words.join(', ') : text.slice(0, 60)
}
