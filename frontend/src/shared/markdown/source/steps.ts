/** A long block that is still growing is shown in steps that grow with it, so that all its parsing together stays linear. */

const STEPPED_FROM = 16_384
const STEPS_PER_DOUBLING = 64

export function inSteps(source: string, isLive: boolean): string {
  if (!isLive || source.length < STEPPED_FROM) return source
  const step = 2 ** Math.floor(Math.log2(source.length)) / STEPS_PER_DOUBLING
  const shown = source.slice(0, Math.floor(source.length / step) * step)
  // Never half of a character.
  return /[\uD800-\uDBFF]$/.test(shown) ? shown.slice(0, -1) : shown
}
