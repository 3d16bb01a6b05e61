/** Runs before each test file: matchers, the English catalogue, and what jsdom lacks. */
import '@testing-library/jest-dom/vitest'

import { cleanup, configure } from '@testing-library/react'
import { afterEach } from 'vitest'

import { activateLocale } from '@/shared/i18n'

class NoObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
  takeRecords() {
    return []
  }
}

globalThis.ResizeObserver ??= NoObserver as unknown as typeof ResizeObserver
globalThis.IntersectionObserver ??= NoObserver as unknown as typeof IntersectionObserver
globalThis.matchMedia ??= ((query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
})) as unknown as typeof matchMedia
Element.prototype.scrollIntoView ??= () => undefined
Element.prototype.hasPointerCapture ??= () => false
Element.prototype.setPointerCapture ??= () => undefined
Element.prototype.releasePointerCapture ??= () => undefined

/** What a test has begun and not awaited must not reach into the next one: a draft is saved a moment after the last letter. */
const begun = new Set<ReturnType<typeof setTimeout>>()
const begin = globalThis.setTimeout
globalThis.setTimeout = ((...call: Parameters<typeof begin>) => {
  const timer = begin(...call)
  begun.add(timer)
  return timer
}) as typeof begin

function endTimers(): void {
  for (const timer of begun) clearTimeout(timer)
  begun.clear()
}

// A deadline is for what never comes, not for a busy machine.
configure({ asyncUtilTimeout: 10_000 })
await activateLocale('en')
afterEach(endTimers)
afterEach(cleanup)
