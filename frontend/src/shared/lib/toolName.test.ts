import { describe, expect, it } from 'vitest'

import { firstSentence, readableName } from './toolName'

describe('a tool of somebody else', () => {
  it.each([
    ['create_ticket', 'Create ticket'],
    ['createTicket', 'Create ticket'],
    ['crm.list-open_orders', 'List open orders'],
    ['github__search_PR', 'Search PR'],
    ['weather', 'Weather'],
    ['_', '_'],
  ])('is called %s by its source and %s on the screen', (name, shown) => {
    expect(readableName(name)).toBe(shown)
  })

  it.each([
    ['Makes a ticket. Call it only when the user asks; `title` must be short.', 'Makes a ticket.'],
    ['Finds v1.2 of a file\nin a folder', 'Finds v1.2 of a file in a folder'],
    ['Searches.\n\nArguments:\n- q', 'Searches.'],
    ['No full stop', 'No full stop'],
    ['', ''],
  ])('is described by its first sentence', (description, shown) => {
    expect(firstSentence(description)).toBe(shown)
  })

  it('is not described by a page', () => {
    const shown = firstSentence('word '.repeat(100))
    expect(shown.length).toBeLessThan(165)
    expect(shown.endsWith('word …')).toBe(true)
  })
})
