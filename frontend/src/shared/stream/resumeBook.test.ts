import { describe, expect, it } from 'vitest'
import type { RunEvent } from './events'
import { ResumeBook } from './resumeBook'

const refs = () => {
  let count = 0
  return () => `r${String(++count)}`
}
const coda = (seq: number, replay?: boolean) => ({ metadata: { coda: { seq, run_id: 'run', session_id: 's', replay } } })
const text = (seq: number, replay?: boolean): RunEvent => ({
  type: 'TEXT_MESSAGE_CONTENT',
  messageId: 'm.1',
  delta: 'x',
  ...coda(seq, replay),
})

describe('ResumeBook', () => {
  it('attaches every watched run after the last event it saw', () => {
    const book = new ResumeBook()
    book.watch('run', 0)
    book.watch('other', 7)
    book.saw(text(1))
    book.saw(text(2))

    expect(book.openingFrames(refs())).toEqual([
      { op: 'attach', ref: 'r1', run_id: 'run', after: 2 },
      { op: 'attach', ref: 'r2', run_id: 'other', after: 7 },
    ])
  })

  it('sends an un-acked start again under the same ids, and only then', () => {
    const book = new ResumeBook()
    const request = { op: 'start' as const, session_id: 's', run_id: 'run', message: { id: 'm', content: 'Hello' } }
    book.sent('c1', request)
    book.watch('run', 0)
    expect(book.openingFrames(refs())).toEqual([{ ref: 'c1', ...request }])

    book.settled('c1')
    expect(book.openingFrames(refs())).toEqual([{ op: 'attach', ref: 'r1', run_id: 'run', after: 0 }])
  })

  it('sends an unanswered command again beside the attach of its run', () => {
    const book = new ResumeBook()
    book.watch('run', 3)
    book.sent('c1', { op: 'pause', run_id: 'run' })
    expect(book.openingFrames(refs())).toEqual([
      { ref: 'c1', op: 'pause', run_id: 'run' },
      { op: 'attach', ref: 'r1', run_id: 'run', after: 3 },
    ])
    expect(book.settled('c1')).toEqual({ op: 'pause', run_id: 'run' })
    expect(book.openRefs()).toEqual([])
  })

  it('forgets a run that ended', () => {
    const book = new ResumeBook()
    book.watch('run', 0)
    book.saw({ type: 'RUN_FINISHED', threadId: 's', runId: 'run', ...coda(3) })
    expect(book.openingFrames(refs())).toEqual([])
  })

  it('does not take a re-opening frame for progress', () => {
    const book = new ResumeBook()
    book.watch('run', 4)
    book.saw(text(9, true))
    expect(book.lastSeq('run')).toBe(4)
  })

  it('never goes back', () => {
    const book = new ResumeBook()
    book.watch('run', 5)
    book.saw(text(3))
    book.watch('run', 2)
    expect(book.lastSeq('run')).toBe(5)
  })
})
