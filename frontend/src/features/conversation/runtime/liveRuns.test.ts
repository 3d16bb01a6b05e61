import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { RunStream, type RunEvent } from '@/shared/stream'
import { FakeSocket } from '@/shared/stream/testing/FakeSocket'

import { readTranscript } from '../testing/transcripts'
import { LiveRuns } from './liveRuns'

const events = readTranscript('plain')
const runId = events[0]?.metadata.coda.run_id ?? ''

describe('LiveRuns', () => {
  let runs: LiveRuns
  let close: () => void

  beforeEach(async () => {
    vi.useFakeTimers()
    vi.stubGlobal('WebSocket', FakeSocket)
    FakeSocket.all = []
    const stream = new RunStream({ url: () => 'ws://coda.test', ticket: () => Promise.resolve('t') })
    runs = new LiveRuns(stream)
    close = stream.open()
    await vi.advanceTimersByTimeAsync(0)
    FakeSocket.last.accept()
  })

  afterEach(() => {
    close()
    vi.useRealTimers()
  })

  const say = async (some: readonly RunEvent[]) => {
    FakeSocket.last.say(some)
    await vi.advanceTimersByTimeAsync(300)
  }

  it('folds what arrives, tells who listens, and says once that it ended', async () => {
    const heard: string[] = []
    runs.retain(runId)
    runs.subscribe(() => heard.push(runs.get(runId)?.status ?? ''))
    runs.onEnd(({ state }) => heard.push(`end ${state.status}`))
    await say(events.slice(0, 10))
    await say(events.slice(10))
    await say(events)
    expect(heard).toEqual(['streaming', 'complete', 'end complete'])
  })

  it('keeps following while a page goes and another comes, and lets go when none does', async () => {
    const release = runs.retain(runId)
    release()
    const again = runs.retain(runId)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(FakeSocket.last.sent.filter(({ op }) => op === 'detach')).toEqual([])
    again()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(FakeSocket.last.sentLast('detach')).toMatchObject({ run_id: runId })
  })

  it('comes back to where it had read', async () => {
    const release = runs.retain(runId)
    await say(events.slice(0, 7))
    release()
    await vi.advanceTimersByTimeAsync(5_000)
    runs.retain(runId)
    expect(FakeSocket.last.sentLast('attach')).toMatchObject({ run_id: runId, after: 7 })
  })

  it('does not follow what has ended', async () => {
    runs.retain(runId)
    await say(events)
    const sent = FakeSocket.last.sent.length
    runs.retain(runId)
    expect(FakeSocket.last.sent).toHaveLength(sent)
  })
})
