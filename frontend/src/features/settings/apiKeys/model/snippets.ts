/** Snippets that answer when they are pasted: real address, real key, a model that is there. */
export interface SnippetInput {
  /** Such as `https://coda.example`, without a slash at its end. */
  origin: string
  key: string
  model: string
}

const QUESTION = 'What is 17.5 % of 2,340?'

/** A question by curl. */
export function askSnippet({ origin, key, model }: SnippetInput): string {
  const message = JSON.stringify({ role: 'user', content: QUESTION })
  // eslint-disable-next-line lingui/no-unlocalized-strings -- a program reads this
  const body = `{"model": ${JSON.stringify(model)},\n       "messages": [${message}]}`
  return [
    `curl ${origin}/v1/chat/completions \\`,
    `  -H "Authorization: Bearer ${key}" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${body.replaceAll("'", "'\\''")}'`,
  ].join('\n')
}

/** What every key may ask: whose it is, and what it may. */
export function whoSnippet({ origin, key }: SnippetInput): string {
  return [`curl ${origin}/api/v1/me \\`, `  -H "Authorization: Bearer ${key}"`].join('\n')
}

export function pythonSnippet({ origin, key, model }: SnippetInput): string {
  return [
    'from openai import OpenAI  # pip install openai',
    '',
    `client = OpenAI(base_url="${origin}/v1", api_key="${key}")`,
    'answer = client.chat.completions.create(',
    `    model="${model}",`,
    `    messages=[{"role": "user", "content": "${QUESTION}"}],`,
    ')',
    'print(answer.choices[0].message.content)',
  ].join('\n')
}
