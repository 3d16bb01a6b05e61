import { HttpAgent } from '@ag-ui/client'
import { describe, expect, it } from 'vitest'

import { readExpected, readTranscript, transcriptNames } from '../testing/transcripts'

interface TextPart {
  type: string
  text: string
}

/** A cut stream is two streams to a plain AG-UI client: it is tested as what it is after the attach, a new one. */
const names = transcriptNames().filter((name) => readTranscript(name).every((event) => event.metadata.coda.replay !== true))

function agentFor(name: string): HttpAgent {
  const frames = readTranscript(name).map((event) => `data: ${JSON.stringify(event)}\n\n`)
  const response = () => new Response(frames.join(''), { headers: { 'content-type': 'text/event-stream' } })
  return new HttpAgent({ url: 'http://coda.test/events', fetch: () => Promise.resolve(response()) })
}

describe.each(names)("AG-UI's own client, transcript %s", (name) => {
  it('accepts the stream and ends with the same words', async () => {
    const agent = agentFor(name)
    const runId = readTranscript(name)[0]?.metadata.coda.run_id ?? ''
    await agent.runAgent({ runId })

    const parts = readExpected(name).parts as TextPart[]
    const expected = parts.filter((part) => part.type === 'text').map((part) => part.text)
    const spoken = agent.messages
      .filter((message) => message.role === 'assistant' && typeof message.content === 'string' && message.content !== '')
      .map((message) => message.content)
    expect(spoken).toEqual(expected)
  })
})
