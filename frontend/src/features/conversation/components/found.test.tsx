/** A message that was found by its words: it is brought in sight and marked, wherever it stands. */
import { screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import { message, renderConversation } from '../testing/renderConversation'

const first = [message('u1', null, 'user'), message('a1', 'u1', 'assistant')]
const later = [message('u2', 'a1', 'user'), message('a2', 'u2', 'assistant')]
const branch = [...first, message('u3', 'a1', 'user'), message('a3', 'u3', 'assistant')]

async function goTo(messageId: string) {
  const state = { isOnBranch: false }
  const page = await renderConversation({
    sessionId: 's',
    messageId,
    answer: (method, path, _body, query) => {
      if (method === 'PATCH') state.isOnBranch = true
      if (!path.endsWith('/messages')) return undefined
      if (state.isOnBranch) return Response.json({ items: branch, next_cursor: null })
      const isOlder = query.get('before') === 'older'
      return Response.json(isOlder ? { items: first, next_cursor: null } : { items: later, next_cursor: 'older' })
    },
  })
  const patches = () => page.server.calls.filter(({ method }) => method === 'PATCH').map(({ body }) => body)
  return { ...page, patches }
}

const isMarked = (words: string) => waitFor(() => expect(screen.getByText(words).closest('[data-marked]')).not.toBeNull())

describe('a message that one is led to', () => {
  it('is marked where it is loaded', async () => {
    const { patches } = await goTo('a2')
    await isMarked('Words of a2')
    expect(document.querySelectorAll('[data-marked]')).toHaveLength(1)
    expect(patches()).toEqual([])
  })

  it('is read first where it stands above', async () => {
    const { patches } = await goTo('u1')
    await isMarked('Words of u1')
    expect(patches()).toEqual([])
  })

  it('has its branch shown', async () => {
    const { patches } = await goTo('a3')
    await isMarked('Words of a3')
    expect(patches()).toEqual([{ active_leaf_id: 'a3' }])
  })
})
