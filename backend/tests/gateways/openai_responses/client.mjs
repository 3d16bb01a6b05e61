// The official JavaScript client and Vercel's AI SDK against the address and key in the environment; prints one JSON object.
import { createOpenAI } from '@ai-sdk/openai'
import { generateObject, jsonSchema, isStepCount, streamText, tool } from 'ai'
import OpenAI from 'openai'

const given = { baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY }
const client = new OpenAI({ ...given, maxRetries: 0 })
const vercel = createOpenAI(given)
const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false }
const result = {}

const whole = await client.responses.create({ model: 'openai/o3', input: 'count exactly' })
result.whole = { text: whole.output_text, usage: whole.usage.total_tokens }

const events = []
const runner = client.responses.stream({ model: 'openai/o3', input: 'think about it' })
for await (const event of runner) events.push(event.type)
const final = await runner.finalResponse()
result.streamed = { text: final.output_text, last: events.at(-1), items: final.output.map((item) => item.type) }

const tools = [{ type: 'function', name: 'get_weather', parameters: city, strict: false }]
const called = await client.responses.create({ model: 'openai/o3', input: 'what is the weather', tools })
const output = { type: 'function_call_output', call_id: called.output[0].call_id, output: '{"degrees": 7}' }
const answered = await client.responses.create({ model: 'openai/o3', previous_response_id: called.id, input: [output], tools })
result.loop = answered.output_text

const agent = await client.responses.create({ model: 'coda-agent/demo/coda', input: 'What is 17.5 % of 2,340?' })
result.agent = agent.output_text

async function refusal(request) {
  try {
    const stream = await client.responses.create(request)
    for await (const _ of stream);
  } catch (error) {
    return { name: error.constructor.name, status: error.status, param: error.param, code: error.code }
  }
}
result.refused = await refusal({ model: 'demo/coda', input: 'hi', tools: [{ type: 'web_search' }] })
result.cut = await refusal({ model: 'openrouter/cut-3', input: 'hi', stream: true })

const weather = tool({
  description: 'The weather in a city.',
  inputSchema: jsonSchema(city),
  execute: async () => ({ degrees: 7 }),
})
const asked = streamText({
  model: vercel('openai/o3'),
  prompt: 'what is the weather',
  tools: { get_weather: weather },
  stopWhen: isStepCount(3),
})
const text = await asked.text
const steps = await asked.steps
result.vercel = { text, steps: steps.length, tool: steps[0].toolResults[0].output, tokens: (await asked.totalUsage).totalTokens > 0 }

const second = streamText({
  model: vercel('openai/o3'),
  messages: [
    { role: 'user', content: 'say hello' },
    ...(await streamText({ model: vercel('openai/o3'), prompt: 'say hello' }).response).messages,
    { role: 'user', content: 'say hello' },
  ],
})
result.again = await second.text

const made = await generateObject({ model: vercel('openai/o3'), schema: jsonSchema(city), prompt: 'name a city as an object' })
result.object = made.object

try {
  let failure = null
  const cut = streamText({ model: vercel('openrouter/cut-3'), prompt: 'hi', maxRetries: 0, onError: ({ error }) => { failure = error } })
  for await (const _ of cut.textStream);
  result.vercelCut = { finish: await cut.finishReason, failed: failure !== null }
} catch (error) {
  result.vercelCut = { finish: 'thrown', failed: true }
}
console.log(JSON.stringify(result))
