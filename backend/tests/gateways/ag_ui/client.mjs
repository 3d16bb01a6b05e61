// The HttpAgent of @ag-ui/client, unchanged, against the address and key in the environment; prints one JSON object.
import { randomUUID } from 'node:crypto'

import { HttpAgent } from '@ag-ui/client'

const headers = { Authorization: `Bearer ${process.env.API_KEY}` }
const url = `${process.env.BASE_URL}/ag-ui`
const model = { forwardedProps: { model: 'demo/coda' } }
const ask = (content) => ({ id: randomUUID(), role: 'user', content })
const open = (more = {}) => new HttpAgent({ url, headers, ...more })
const texts = (agent) => agent.messages.filter((message) => message.role === 'assistant' && message.content).map((message) => message.content)
const result = {}

// A thread of two questions.
const events = []
const agent = open()
agent.addMessage(ask('What is 17.5 % of 2,340?'))
await agent.runAgent(model, { onEvent: ({ event }) => { events.push(event.type) } })
result.first = {
  roles: agent.messages.map((message) => message.role),
  said: texts(agent).at(-1),
  calls: agent.messages.flatMap((message) => message.toolCalls ?? []).map((call) => call.function.name),
  opens: events[0],
  ends: events.at(-1),
}
agent.addMessage(ask('What is 20 % of 2,340?'))
await agent.runAgent(model)
result.second = { said: texts(agent).at(-1), questions: agent.messages.filter((message) => message.role === 'user').length }

// The same run id again, by a client that has nothing and by one that has it all: one run, and nothing twice.
const runId = randomUUID()
const again = open({ threadId: 'a name, not a UUID' })
again.addMessage(ask('What is 10 % of 50?'))
await again.runAgent({ ...model, runId })
const once = texts(again)
await again.runAgent({ ...model, runId })
result.again = { same: JSON.stringify(texts(again)) === JSON.stringify(once), count: once.length }

// A thread that the client brings along.
const brought = open({
  threadId: randomUUID(),
  initialMessages: [{ id: 'u1', role: 'user', content: 'Hello' }, { id: 'a1', role: 'assistant', content: 'Good day.' }, { id: 'u2', role: 'user', content: 'What is 3 + 4?' }],
})
await brought.runAgent(model)
result.brought = { said: texts(brought).at(-1), thread: brought.threadId }

// A tool of the page: the run ends with the call, and goes on when its result is there.
const page = open()
const tools = [{ name: 'get_weather', description: 'The weather in a city.', parameters: { type: 'object', properties: { city: { type: 'string' } } } }]
const withTools = { forwardedProps: { model: 'openai/o3' }, tools }
page.addMessage(ask('what is the weather'))
let outcome = null
await page.runAgent(withTools, { onRunFinishedEvent: ({ event }) => { outcome = event.outcome } })
const [call] = page.messages.flatMap((message) => message.toolCalls ?? [])
result.tool = { outcome: outcome.type, name: call.function.name, arguments: call.function.arguments }
page.addMessage({ id: randomUUID(), role: 'tool', toolCallId: call.id, content: '{"degrees": 7}' })
await page.runAgent(withTools)
result.tool.said = texts(page).at(-1)
result.tool.results = page.messages.filter((message) => message.role === 'tool').length

// A question instead of the result.
const left = open()
left.addMessage(ask('what is the weather'))
await left.runAgent(withTools)
left.addMessage(ask('say hello'))
await left.runAgent(withTools)
result.left = texts(left).at(-1)

// What is refused, and what fails.
async function failure(promise) {
  try {
    await promise
  } catch (error) {
    return { status: error.status, code: error.payload?.error?.code }
  }
}
const stranger = new HttpAgent({ url, headers: { Authorization: 'Bearer sk-of-somebody-else' }, initialMessages: [ask('hi')] })
result.stranger = await failure(stranger.runAgent(model))
result.empty = await failure(open().runAgent(model))
result.unknown = await failure(open({ initialMessages: [ask('hi')] }).runAgent({ forwardedProps: { model: 'nobody/nothing' } }))
const failing = open({ initialMessages: [ask('hi')] })
await failing.runAgent({ forwardedProps: { model: 'openrouter/cut-3' } }, { onRunErrorEvent: ({ event }) => { result.error = event.code } })
console.log(JSON.stringify(result))
