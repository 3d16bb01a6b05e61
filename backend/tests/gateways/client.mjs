// The official JavaScript client against the address and key in the environment; prints one JSON object.
import OpenAI from 'openai'

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY, maxRetries: 0 })
const say = (content) => [{ role: 'user', content }]
const tool = { type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }
const result = {}

const models = []
for await (const model of client.models.list()) models.push(model.id)
result.models = models

const whole = await client.chat.completions.create({ model: 'openai/o3', messages: say('count exactly') })
result.whole = { text: whole.choices[0].message.content, usage: whole.usage.total_tokens }

let text = ''
let usage = null
const stream = await client.chat.completions.create({
  model: 'openai/o3', messages: say('say hello'), stream: true, stream_options: { include_usage: true },
})
for await (const chunk of stream) {
  text += chunk.choices[0]?.delta?.content ?? ''
  usage = chunk.usage ?? usage
}
result.streamed = { text, usage: usage.total_tokens }

const called = await client.chat.completions.create({ model: 'openai/o3', messages: say('what is the weather'), tools: [tool] })
result.tool = called.choices[0].message.tool_calls[0].function

const agent = client.chat.completions.stream({ model: 'coda-agent/demo/coda', messages: say('What is 17.5 % of 2,340?') })
result.agent = await agent.finalContent()

try {
  await client.chat.completions.create({ model: 'demo/coda', messages: say('hi'), n: 2 })
} catch (error) {
  result.refused = { name: error.constructor.name, status: error.status, param: error.param }
}
try {
  await client.chat.completions.create({ model: 'nobody/nothing', messages: say('hi') })
} catch (error) {
  result.missing = { name: error.constructor.name, code: error.code }
}
try {
  for await (const _ of await client.chat.completions.create({ model: 'openrouter/cut-3', messages: say('hi'), stream: true }));
} catch (error) {
  result.cut = { name: error.constructor.name, code: error.code }
}
console.log(JSON.stringify(result))
