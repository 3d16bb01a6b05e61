import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { describe, expect, it, vi } from 'vitest'

import { readAgain } from './readAgain'

/** A resource whose answers the test gives, in any order. */
function slowResource() {
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } })
  const answers: ((value: string) => void)[] = []
  const queryKey = ['run', '1']
  const observer = new QueryObserver(cache, { queryKey, queryFn: () => new Promise<string>((resolve) => answers.push(resolve)) })
  const stop = observer.subscribe(() => undefined)
  return { cache, queryKey, answers, stop, shown: () => observer.getCurrentResult().data }
}

describe('what is out of date', () => {
  it('is read again while it is read for the first time: that reading may have seen what was before', async () => {
    const { cache, queryKey, answers, stop, shown } = slowResource()
    void readAgain(cache, queryKey)
    await vi.waitFor(() => expect(answers).toHaveLength(2))

    answers[1]?.('paused')
    answers[0]?.('running')

    await vi.waitFor(() => expect(shown()).toBe('paused'))
    stop()
  })

  it('stays on the screen until the new is there', async () => {
    const { cache, queryKey, answers, stop, shown } = slowResource()
    answers[0]?.('running')
    await vi.waitFor(() => expect(shown()).toBe('running'))

    void readAgain(cache, queryKey)
    await vi.waitFor(() => expect(answers).toHaveLength(2))
    expect(shown()).toBe('running')

    answers[1]?.('paused')
    await vi.waitFor(() => expect(shown()).toBe('paused'))
    stop()
  })
})
