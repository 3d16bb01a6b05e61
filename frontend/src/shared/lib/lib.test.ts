import { describe, expect, it, vi } from 'vitest'

import { defer } from './deferred'
import { formatAgo, formatPrice, formatSpan, formatTokens } from './format'
import { readStored, writeStored } from './storage'
import { stylesheetSingleton } from './styleSingleton'

describe('formats', () => {
  const now = Date.parse('2026-11-21T12:00:00Z')

  it.each([
    ['2026-11-21T11:59:40Z', 'now'],
    ['2026-11-21T11:57:00Z', '3 minutes ago'],
    ['2026-11-21T10:00:00Z', '2 hours ago'],
    ['2026-11-20T12:00:00Z', 'yesterday'],
    ['2026-08-01T12:00:00Z', 'Aug 1, 2026'],
  ])('writes %s as %s', (iso, text) => {
    expect(formatAgo(iso, 'en', now)).toBe(text)
  })

  it.each([
    [0.4, '0\u2009s'],
    [59.9, '59\u2009s'],
    [185, '3\u2009min'],
    [7_300, '2\u2009h'],
  ])('writes a span of %s seconds as %s', (seconds, text) => {
    expect(formatSpan(seconds, 'en')).toBe(text)
  })

  it.each([
    ['1.75', 'en', '$1.75'],
    ['14', 'en', '$14.00'],
    ['0.075', 'en', '$0.075'],
    ['0', 'en', '$0.00'],
    ['1.75', 'pt-BR', '$\u00a01,75'],
  ])('writes the price %s in %s as %s', (amount, locale, text) => {
    expect(formatPrice(amount, locale)).toBe(text)
  })

  it.each([
    [512, '512'],
    [128_000, '128\u2009K'],
    [1_000_000, '1\u2009M'],
    [1_048_576, '1\u2009M'],
  ])('writes %d tokens as %j', (count, text) => {
    expect(formatTokens(count, 'en')).toBe(text)
  })
})

describe('storage', () => {
  it('gives back what was written, and the fallback for what does not fit', () => {
    writeStored('width', 300)
    expect(readStored('width', 264)).toBe(300)
    expect(readStored('width', true)).toBe(true)
    localStorage.setItem('coda.width', 'wide')
    expect(readStored('width', 264)).toBe(264)
    writeStored('width', null)
    expect(readStored('width', 264)).toBe(264)
  })
})

describe('defer', () => {
  it('fetches once, and again after a failure', async () => {
    const fetchParts = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('offline')).mockResolvedValue('parts')
    const deferred = defer(fetchParts)
    deferred.prefetch()
    await expect(deferred.load()).rejects.toThrow('offline')

    expect(await deferred.load()).toBe('parts')
    expect(await deferred.load()).toBe('parts')
    expect(deferred.get()).toBe('parts')
    expect(fetchParts).toHaveBeenCalledTimes(2)
  })
})

describe('stylesheetSingleton', () => {
  it('adds one sheet for all users and takes it away after the last', () => {
    class Sheet {
      css = ''
      replaceSync(css: string) {
        this.css = css
      }
    }
    vi.stubGlobal('CSSStyleSheet', Sheet)
    Object.defineProperty(document, 'adoptedStyleSheets', { value: [], writable: true, configurable: true })
    const sheet = stylesheetSingleton()

    sheet.add('body {}')
    sheet.add('body {}')
    expect(document.adoptedStyleSheets).toHaveLength(1)
    sheet.remove()
    expect(document.adoptedStyleSheets).toHaveLength(1)
    sheet.remove()
    expect(document.adoptedStyleSheets).toHaveLength(0)
  })
})
