// The official JavaScript clients of MCP against the address and key in the environment; prints one JSON object.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as FirstTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

const url = new URL('/mcp', process.env.BASE_URL)
const info = { name: 'test', version: '1' }
const signedIn = (key) => ({ requestInit: { headers: { Authorization: `Bearer ${key}` } } })
const newest = { versionNegotiation: { mode: 'auto' } }

// The first one takes the schema of the result between the call and its options.
const kinds = {
  newest: { open: () => new Client(info, newest), Transport: StreamableHTTPClientTransport, call: (client, ...args) => client.callTool(...args) },
  first: { open: () => new FirstClient(info), Transport: FirstTransport, call: (client, params, options) => client.callTool(params, undefined, options) },
}

const failure = async (promise) => {
  try {
    await promise
  } catch (error) {
    return { name: error.name, code: error.data?.code ?? error.code ?? error.status }
  }
}

async function speak({ open, Transport, call }) {
  const client = open()
  await client.connect(new Transport(url, signedIn(process.env.API_KEY)))
  const notes = []
  const { tools } = await client.listTools()
  const sum = await call(client, { name: 'calculator', arguments: { expression: '2340 * 17.5%' } })
  const asked = { question: 'What is 17.5 % of 2,340?', model: 'demo/coda' }
  const answer = await call(client, { name: 'ask', arguments: asked }, { onprogress: ({ message }) => notes.push(message) })
  const uri = `coda://sessions/${answer.structuredContent.session_id}`
  const chat = await client.readResource({ uri })
  const { prompts } = await client.listPrompts()
  const found = await client.getPrompt({ name: 'search_chats', arguments: { words: '2,340' } })
  const completed = await client.complete({
    ref: { type: 'ref/prompt', name: 'summarise_chat' },
    argument: { name: 'session_id', value: answer.structuredContent.session_id.slice(0, 12) },
  })

  const leaving = new AbortController()
  const slow = { name: 'ask', arguments: { question: 'Count', model: 'openrouter/paced-n2000-d20' } }
  const left = await failure(call(client, slow, { signal: leaving.signal, onprogress: () => leaving.abort() }))
  const unknown = await failure(call(client, { name: 'calculater', arguments: {} }))
  const stranger = await failure(open().connect(new Transport(url, signedIn('sk-coda-nonsense'))))
  await client.close()
  return {
    tools: tools.map((tool) => tool.name),
    sum: sum.structuredContent.value,
    answer: answer.content[0].text,
    told: notes,
    chat: chat.contents[0].text,
    prompts: prompts.map((prompt) => prompt.name),
    found: found.messages[0].content.text.includes(uri),
    completed: completed.completion.values.length,
    left: left !== undefined,
    unknown,
    stranger: stranger.code,
  }
}

const said = {}
for (const [name, kind] of Object.entries(kinds)) said[name] = await speak(kind)
console.log(JSON.stringify(said))
process.exit(0)
