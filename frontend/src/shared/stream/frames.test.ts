import { describe, expect, it } from 'vitest'
import { parseFrame } from './frames'

const event = (seq: number) => ({
  type: 'TEXT_MESSAGE_CONTENT',
  messageId: 'm.1',
  delta: 'x',
  metadata: { coda: { seq, run_id: 'r', session_id: 's' } },
})

describe('parseFrame', () => {
  it('reads one event, an array of events, and a control frame', () => {
    expect(parseFrame(JSON.stringify(event(1))).events).toHaveLength(1)
    expect(parseFrame(JSON.stringify([event(1), event(2)])).events.map((e) => e.metadata.coda.seq)).toEqual([1, 2])
    expect(parseFrame('{"op":"ack","ref":"c1"}').controls).toEqual([{ op: 'ack', ref: 'c1' }])
  })

  it.each(['', 'nonsense', 'null', '3', '[null, 3, []]', '{"type":"TEXT_MESSAGE_CONTENT"}', '{"op":"unknown"}', '{"op":"error"}'])(
    'leaves out what it cannot understand: %s',
    (text) => {
      expect(parseFrame(text)).toEqual({ events: [], controls: [] })
    },
  )
})
