// Interrupts of a run, answered by the HttpAgent of @ag-ui/client; prints one JSON object.
import { randomUUID } from 'node:crypto'

import { HttpAgent } from '@ag-ui/client'

const given = { url: `${process.env.BASE_URL}/ag-ui`, headers: { Authorization: `Bearer ${process.env.API_KEY}` } }
const model = { forwardedProps: { model: 'demo/coda' } }
const ask = (content) => ({ id: randomUUID(), role: 'user', content })
const last = (agent) => agent.messages.filter((message) => message.role === 'assistant' && message.content).at(-1)?.content
const result = {}

async function waiting() {
  const agent = new HttpAgent({ ...given, initialMessages: [ask('What is 17.5 % of 2,340?')] })
  let outcome = null
  await agent.runAgent(model, { onRunFinishedEvent: ({ event }) => { outcome = event.outcome } })
  return { agent, outcome }
}

const approved = await waiting()
const [interrupt] = approved.outcome.interrupts
result.asked = { reason: interrupt.reason, schema: interrupt.responseSchema.required, call: interrupt.toolCallId === interrupt.id }
const resume = [{ interruptId: interrupt.id, status: 'resolved', payload: { approved: true } }]
await approved.agent.runAgent({ ...model, resume })
result.approved = last(approved.agent)

const rejected = await waiting()
await rejected.agent.runAgent({ ...model, resume: [{ interruptId: rejected.outcome.interrupts[0].id, status: 'cancelled' }] })
result.rejected = { said: last(rejected.agent), result: rejected.agent.messages.find((message) => message.role === 'tool').content }

const edited = await waiting()
const payload = { approved: true, arguments: { expression: '2 + 3' } }
await edited.agent.runAgent({ ...model, resume: [{ interruptId: edited.outcome.interrupts[0].id, status: 'resolved', payload }] })
result.edited = edited.agent.messages.find((message) => message.role === 'tool').content

async function refusal(promise) {
  try {
    await promise
  } catch (error) {
    return { status: error.status, code: error.payload?.error?.code }
  }
}
const ignored = await waiting()
const another = new HttpAgent({ ...given, threadId: ignored.agent.threadId, initialMessages: [...ignored.agent.messages, ask('And now?')] })
result.ignored = await refusal(another.runAgent(model))
result.nothing = await refusal(new HttpAgent(given).runAgent({ ...model, resume: [{ interruptId: randomUUID(), status: 'resolved', payload: true }] }))
console.log(JSON.stringify(result))
