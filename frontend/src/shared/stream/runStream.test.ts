import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { RunEvent } from './events'
import { RunStream } from './runStream'
import { FakeSocket } from './testing/FakeSocket'

const text = (seq: number): RunEvent => ({
  type: 'TEXT_MESSAGE_CONTENT',
  messageId: 'm.1',
  delta: String(seq),
  metadata: { coda: { seq, run_id: 'run', session_id: 's' } },
})
const request = { session_id: 's', run_id: 'run', message: { id: 'm', content: 'Hello' } }

async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}

describe('RunStream', () => {
  let stream: RunStream
  let close: () => void
  let tickets = 0
  let ticket: () => Promise<string | null>

  beforeEach(async () => {
    vi.useFakeTimers()
    vi.stubGlobal('WebSocket', FakeSocket)
    FakeSocket.all = []
    tickets = 0
    ticket = () => Promise.resolve(`t${String(++tickets)}`)
    stream = new RunStream({ url: (value) => `ws://coda.test/?ticket=${value}`, ticket: () => ticket() })
    close = stream.open()
    await settle()
  })

  afterEach(() => {
    close()
    vi.useRealTimers()
  })

  it('connects with a new ticket each time', async () => {
    expect(FakeSocket.last.url).toContain('ticket=t1')
    FakeSocket.last.accept()
    expect(stream.connection.get()).toEqual({ phase: 'online' })
    FakeSocket.last.lose()
    expect(stream.connection.get()).toMatchObject({ phase: 'offline' })
    await settle(20_000)
    expect(FakeSocket.last.url).toContain('ticket=t2')
  })

  it('sends a question again, under the same ids, until it is acked, and attaches from then on', async () => {
    FakeSocket.last.accept()
    const acked = stream.start(request)
    FakeSocket.last.lose()
    await settle(20_000)
    FakeSocket.last.accept()
    expect(FakeSocket.last.sent).toEqual([{ op: 'start', ref: 'c1', ...request }])

    FakeSocket.last.say({ op: 'ack', ref: 'c1', run: { id: 'run' } })
    await expect(acked).resolves.toMatchObject({ run: { id: 'run' } })
    FakeSocket.last.say([text(1), text(2)])
    FakeSocket.last.lose()
    await settle(20_000)
    FakeSocket.last.accept()
    expect(FakeSocket.last.sent).toEqual([expect.objectContaining({ op: 'attach', run_id: 'run', after: 2 })])
  })

  it('delivers what came between two frames at once, and only of watched runs', async () => {
    const batches: number[][] = []
    stream.onEvents((events) => batches.push(events.map((event) => event.metadata.coda.seq)))
    FakeSocket.last.accept()
    FakeSocket.last.say(text(1))
    stream.watch('run', 1)
    FakeSocket.last.say(text(2))
    FakeSocket.last.say([text(3), text(4)])
    await settle(300)
    expect(batches).toEqual([[2, 3, 4]])
  })

  it('rejects a refused question with the code of the server', async () => {
    FakeSocket.last.accept()
    const acked = stream.start(request)
    FakeSocket.last.say({ op: 'error', ref: 'c1', error: { code: 'runs.too_many_queued', message: 'Wait.' } })
    await expect(acked).rejects.toMatchObject({ code: 'runs.too_many_queued' })
  })

  it('never sends what is too large, and asks for nothing of it again', async () => {
    FakeSocket.last.accept()
    const huge = { ...request, message: { id: 'm', content: 'x'.repeat(600_000) } }
    await expect(stream.start(huge)).rejects.toMatchObject({ code: 'stream.too_large' })
    FakeSocket.last.lose()
    await settle(20_000)
    FakeSocket.last.accept()
    expect(FakeSocket.all.flatMap(({ sent }) => sent)).toEqual([])
  })

  it('counts bytes: many letters are more than one', async () => {
    FakeSocket.last.accept()
    await expect(stream.start({ ...request, message: { id: 'm', content: '\u6f22'.repeat(400_000) } })).rejects.toMatchObject({ code: 'stream.too_large' })
    expect(FakeSocket.last.sent).toEqual([])
  })

  it('gives up only the largest request when the line takes no frame of its size', async () => {
    FakeSocket.last.accept()
    const large = stream.start({ ...request, run_id: 'large', message: { id: 'l', content: 'x'.repeat(90_000) } })
    const refused = expect(large).rejects.toMatchObject({ code: 'stream.too_large' })
    void stream.start(request)
    FakeSocket.last.lose(1009)
    await refused
    await settle(20_000)
    FakeSocket.last.accept()
    expect(FakeSocket.last.sent).toEqual([{ op: 'start', ref: 'c2', ...request }])
  })

  it('tells from when on a refused question may be sent again', async () => {
    FakeSocket.last.accept()
    const acked = stream.start(request)
    FakeSocket.last.say({ op: 'error', ref: 'c1', error: { code: 'core.rate_limited', message: 'Wait.', details: { retry_after: 30 } } })
    await expect(acked).rejects.toMatchObject({ retryAt: Date.now() + 30_000 })
  })

  it('says so when a run may not be followed', async () => {
    const refused: string[] = []
    stream.onRefused(({ runId, error }) => refused.push(`${runId}: ${error.code}`))
    FakeSocket.last.accept()
    stream.watch('run', 0)
    const [attach] = FakeSocket.last.sent
    FakeSocket.last.say({ op: 'error', ref: attach?.ref, error: { code: 'runs.not_found', message: 'Gone.' } })
    expect(refused).toEqual(['run: runs.not_found'])
    FakeSocket.last.lose()
    await settle(20_000)
    FakeSocket.last.accept()
    expect(FakeSocket.last.sent).toEqual([])
  })

  it('follows no more what the server has detached', async () => {
    const refused: string[] = []
    stream.onRefused(({ runId, error }) => refused.push(`${runId}: ${error.code}`))
    FakeSocket.last.accept()
    stream.watch('run', 0)
    const [attach] = FakeSocket.last.sent
    FakeSocket.last.say({ op: 'ack', ref: attach?.ref, run: { id: 'run' } })
    FakeSocket.last.say({ op: 'error', ref: '', run_id: 'run', error: { code: 'runs.access_lost', message: 'Lost.' } })
    expect(refused).toEqual(['run: runs.access_lost'])
    FakeSocket.last.lose()
    await settle(20_000)
    FakeSocket.last.accept()
    expect(FakeSocket.last.sent).toEqual([])
  })

  it('stops when nobody is signed in any more', async () => {
    FakeSocket.last.accept()
    ticket = () => Promise.resolve(null)
    FakeSocket.last.lose(4401)
    await settle(1000)
    expect(stream.connection.get()).toEqual({ phase: 'stopped', reason: 'signed-out' })
  })

  it('takes silence after a ping for a lost line', async () => {
    FakeSocket.last.accept()
    await settle(20_500)
    expect(FakeSocket.last.sent).toEqual([{ op: 'ping', ref: 'beat' }])
    await settle(10_500)
    expect(stream.connection.get()).toMatchObject({ phase: 'offline' })
  })

  it('passes notes on, and says when some may have been missed', async () => {
    const heard: string[] = []
    stream.onNote((note) => heard.push(`${note.topic} ${note.change}`))
    stream.onResume(() => heard.push('resumed'))
    FakeSocket.last.accept()
    FakeSocket.last.say({ op: 'note', topic: 'session', id: 's', change: 'created' })
    FakeSocket.last.lose()
    await settle(20_000)
    FakeSocket.last.accept()
    expect(heard).toEqual(['session created', 'resumed'])
  })
})
